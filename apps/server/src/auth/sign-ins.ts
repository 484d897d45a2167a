import type { Clock, Random } from "@quire/base"
import { type Account, DIRECTORY_LIMITS, type Directory, type DirectoryPlace, type SignIn } from "@quire/storage"
import { cookieSecret } from "./cookie.js"
import { hashSecret, isSecret, newId, newSecret } from "./secrets.js"

/** A sign-in ends when it is not used for so long, and so long after its beginning whatever happens (OWASP ASVS 7.3). */
export const SIGN_IN_LIFE: { readonly idleMs: number; readonly wholeMs: number } = {
  idleMs: 12 * 3_600_000,
  wholeMs: 30 * 86_400_000,
}
/** Being used is written down at most so often. */
const SEEN_MS = 5 * 60_000
/** What a browser calls itself is cut here. */
const AGENT_LENGTH = 200
/** Most sign-ins of an account; the one not used for longest makes room. */
const OF_AN_ACCOUNT = 50
/** Looked at for having ended, each time somebody signs in. */
const SWEPT = 50

/** What sign-ins work with. */
export interface SignInsSetting {
  readonly directory: Directory
  readonly clock: Clock
  readonly random: Random
}

/** A new sign-in and its secret, which is told once. */
export interface Started {
  readonly secret: string
  readonly signIn: SignIn
}

/** Browsers that somebody signed in with, and guests' that opened a share link. */
export class SignIns {
  readonly #setting: SignInsSetting

  constructor(setting: SignInsSetting) {
    this.#setting = setting
  }

  /** The sign-in of a request or a socket, if it is good. @param cookie its Cookie header. */
  ofCookie(cookie: string | undefined): SignIn | undefined {
    const secret = cookieSecret(cookie)
    if (secret === undefined || !isSecret(secret)) return undefined
    const found = this.#setting.directory.signInBySecret(hashSecret(secret))
    return found === undefined ? undefined : this.good(found.id)
  }

  /** Whether a sign-in has not ended. */
  isGood(id: string): boolean {
    const signIn = this.#setting.directory.signIn(id)
    return signIn !== undefined && endOf(signIn) > this.#setting.clock.now()
  }

  /** A sign-in, if it is good; being asked for is being used. */
  good(id: string): SignIn | undefined {
    const { directory, clock } = this.#setting
    const signIn = directory.signIn(id)
    const now = clock.now()
    if (signIn === undefined || endOf(signIn) <= now) return undefined
    if (signIn.account !== "") {
      const account = directory.account(signIn.account)
      if (account === undefined || account.isSuspended) return undefined
    }
    if (now - signIn.seenMs < SEEN_MS) return signIn
    const seen: SignIn = { ...signIn, seenMs: now }
    // Nobody waits for it: if the server ends before it is written, an idle sign-in ends some minutes early.
    directory.change({ put: [seen] }).catch(() => undefined)
    return seen
  }

  /** Signs an account in with a new secret. @param before the sign-in of the same browser: it ends, its links go on. */
  async start(account: Account, agent: string, before: SignIn | undefined): Promise<Started> {
    const { directory } = this.#setting
    const mine = [...directory.signInsOf(account.id)].sort((a, b) => a.seenMs - b.seenMs)
    const over = mine.slice(0, Math.max(0, mine.length - OF_AN_ACCOUNT + 1))
    const ended = [...over, ...(before === undefined ? [] : [before])]
    const links = before?.links ?? []
    return await this.#start({ account: account.id, name: "", color: "", agent, links }, ended)
  }

  /** Lets a guest in who opened a share link, which the caller counts. */
  async startGuest(guest: { readonly name: string; readonly color: string; readonly agent: string }): Promise<Started> {
    return await this.#start({ account: "", ...guest, links: [] }, [])
  }

  /** Adds a share link to what was opened with a sign-in: the record to be written. */
  withLink(signIn: SignIn, link: string): SignIn {
    const links = [...signIn.links.filter((other) => other !== link), link]
    return { ...signIn, links: links.slice(-DIRECTORY_LIMITS.openedLinks) }
  }

  async #start(
    part: Pick<SignIn, "account" | "name" | "color" | "agent" | "links">,
    ended: readonly SignIn[],
  ): Promise<Started> {
    const { directory, clock, random } = this.#setting
    const secret = newSecret(random)
    const now = clock.now()
    const signIn: SignIn = {
      ...part,
      kind: "sign-in",
      id: newId(random),
      secretHash: hashSecret(secret),
      agent: part.agent.slice(0, AGENT_LENGTH),
      createdMs: now,
      seenMs: now,
    }
    await directory.change({
      put: [signIn],
      remove: [...new Set([...ended.map(({ id }) => id), ...this.#swept(part.account === "")])].map(place),
    })
    return { secret, signIn }
  }

  /**
   * Some that have ended; and if there is no room, one that makes it: a guest's, because anybody with a link can make
   * those, and must not end the sign-ins of people with accounts by it.
   */
  #swept(isGuest: boolean): string[] {
    const { directory, clock } = this.#setting
    const swept: string[] = []
    let looked = 0
    for (const signIn of directory.signIns()) {
      if (endOf(signIn) <= clock.now()) swept.push(signIn.id)
      if (++looked >= SWEPT) break
    }
    if (swept.length > 0 || directory.hasRoom("sign-in")) return swept
    for (const signIn of directory.signIns()) {
      if (signIn.account === "") return [signIn.id]
    }
    const [oldest] = directory.signIns()
    return isGuest || oldest === undefined ? [] : [oldest.id]
  }
}

/** When a sign-in ends unless it is used. */
export function endOf({ createdMs, seenMs }: SignIn): number {
  return Math.min(seenMs + SIGN_IN_LIFE.idleMs, createdMs + SIGN_IN_LIFE.wholeMs)
}

function place(id: string): DirectoryPlace {
  return { kind: "sign-in", id }
}
