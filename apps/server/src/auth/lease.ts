import { grantOf } from "@quire/access"
import type { Clock, DocumentId } from "@quire/base"
import { CloseCode } from "@quire/protocol"
import type { Directory, DirectoryChange } from "@quire/storage"
import type { Gate, GateAnswer, Lease } from "@quire/sync"
import { accountOf, type Principal, type Principals } from "./principal.js"
import { endOf } from "./sign-ins.js"

/** What leases work with. */
export interface LeaseSetting {
  readonly directory: Directory
  readonly principals: Principals
  readonly clock: Clock
}

/** Everything is looked at again after so long, whatever was or was not heard. */
const AGAIN_MS = 60_000
const SIGN_IN = "QUIRE_SIGN_IN: sign in to open documents"
const ENDED = "QUIRE_SIGN_IN: you are signed out; sign in again"
const FORBIDDEN = "QUIRE_FORBIDDEN: there is no such document, or it is not shared with you"

/** The gate of a server with members: a token or a cookie, and a role. */
export function memberGate(setting: LeaseSetting): Gate {
  return async (document, { token, cookie }) => {
    const principal = await setting.principals.of({ token, cookie })
    const answer = await answerFor(setting, document, principal)
    return answer.ok ? { ...answer, lease: new MemberLease(setting, document, principal, answer) } : answer
  }
}

/** What somebody is told now. */
async function answerFor(setting: LeaseSetting, document: DocumentId, principal: Principal): Promise<GateAnswer> {
  if (principal.kind === "nobody") return { ok: false, close: CloseCode.Unauthorized, reason: SIGN_IN }
  const rights = grantOf(await setting.principals.roleOf(principal, document))
  if (rights === undefined) return { ok: false, close: CloseCode.Forbidden, reason: FORBIDDEN }
  const { user, name, color } = principal
  return { ok: true, user, rights, identity: { id: user, name, color } }
}

/** Watches what an answer rests on: the directory, the clock, and once a minute everything. */
class MemberLease implements Lease {
  readonly #setting: LeaseSetting
  readonly #document: DocumentId
  #principal: Principal
  #last: GateAnswer
  /** Counts looks: of several under way the newest counts. */
  #looks = 0
  #changed: ((next: GateAnswer) => void) | undefined
  #stop: (() => void) | undefined
  #cancelTimer: (() => void) | undefined

  constructor(setting: LeaseSetting, document: DocumentId, principal: Principal, answer: GateAnswer) {
    this.#setting = setting
    this.#document = document
    this.#principal = principal
    this.#last = answer
  }

  watch(changed: (next: GateAnswer) => void): () => void {
    this.#changed = changed
    const stopChanges = this.#setting.directory.subscribe((change) => {
      if (concerns(change, this.#document, this.#principal)) this.#look()
    })
    const stopKeys = this.#setting.principals.watchKeys(() => {
      if (this.#principal.kind === "token") this.#look()
    })
    this.#stop = () => {
      stopChanges()
      stopKeys()
    }
    // Something may have happened between the answer and now.
    this.#look()
    return () => this.#end()
  }

  async refresh(token: string): Promise<GateAnswer> {
    const next = await this.#setting.principals.of({ token, cookie: undefined })
    const known = this.#principal
    if (next.kind === "nobody" || known.kind === "nobody" || next.user !== known.user) {
      return { ok: false, close: CloseCode.Unauthorized, reason: ENDED }
    }
    const answer = await answerFor(this.#setting, this.#document, next)
    if (!answer.ok) return answer
    this.#looks++ // a look at the old token under way must not undo this
    this.#principal = next
    this.#last = answer
    if (this.#changed !== undefined) this.#setTimer()
    return answer
  }

  #look(): void {
    const look = ++this.#looks
    this.#again(look).catch(() => {
      // The catalogue could not be read: what was last known stands until the next look.
      if (look === this.#looks && this.#changed !== undefined) this.#setTimer()
    })
  }

  async #again(look: number): Promise<void> {
    const { principals } = this.#setting
    const principal = principals.again(this.#principal)
    const answer: GateAnswer =
      principal.kind === "nobody"
        ? { ok: false, close: CloseCode.Unauthorized, reason: ENDED }
        : await answerFor(this.#setting, this.#document, principal)
    // Never within the call that began it: whoever changes something has not finished yet.
    await undefined
    const changed = this.#changed
    if (look !== this.#looks || changed === undefined) return
    if (principal.kind !== "nobody") this.#principal = principal
    const isNews = !isSame(this.#last, answer)
    this.#last = answer
    if (!answer.ok) this.#end()
    else this.#setTimer()
    if (isNews) changed(answer)
  }

  #setTimer(): void {
    const { clock } = this.#setting
    this.#cancelTimer?.()
    const waitMs = Math.min(AGAIN_MS, Math.max(1, this.#nextEndMs() - clock.now()))
    this.#cancelTimer = clock.schedule(waitMs, () => this.#look())
  }

  /** When the next thing ends that the answer may rest on. */
  #nextEndMs(): number {
    const { directory, principals } = this.#setting
    const principal = this.#principal
    if (principal.kind === "nobody") return Number.POSITIVE_INFINITY
    if (principal.kind === "token") return principal.expiresAtMs
    const signIn = directory.signIn(principal.session)
    const links = principals.goodLinks(principal, this.#document).filter(({ expiresMs }) => expiresMs > 0)
    return Math.min(signIn === undefined ? 0 : endOf(signIn), ...links.map(({ expiresMs }) => expiresMs))
  }

  #end(): void {
    this.#changed = undefined
    this.#stop?.()
    this.#stop = undefined
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }
}

function isSame(a: GateAnswer, b: GateAnswer): boolean {
  if (!a.ok || !b.ok) return a.ok === b.ok
  return a.rights === b.rights && a.identity?.name === b.identity?.name && a.identity?.color === b.identity?.color
}

/** Whether a change of the directory may touch what somebody may do with a document, or who that is. */
function concerns(change: DirectoryChange, document: DocumentId, principal: Principal): boolean {
  if (principal.kind === "nobody") return false
  const account = accountOf(principal.user)
  const session = principal.kind === "token" ? undefined : principal.session
  return [...(change.put ?? []), ...(change.remove ?? [])].some((one) => {
    switch (one.kind) {
      case "access":
        return one.document === document
      case "account":
        return one.id === account
      case "sign-in":
        return one.id === session
      case "link":
        return principal.kind !== "token" && principal.links.includes(one.id)
      default:
        return false
    }
  })
}
