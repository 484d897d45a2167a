import { QuireError } from "@quire/base"
import { readWho, type SignedIn, type Ways, type WhoAnswer } from "../api/who.js"

/** Where the last answer is kept on this device. */
const KEY = "quire.who"

/** Who sits here, as far as the server has said. */
export type Who =
  /** It has not been asked yet. */
  | {
      readonly kind: "unknown"
      /** False if this device knows a server with people, and none of them sits here: nothing can be opened yet. */
      readonly mayBeOpen: boolean
    }
  /** Nobody has to be anybody. */
  | { readonly kind: "open" }
  /** The server knows its people, and this is none of them. */
  | { readonly kind: "nobody"; readonly ways: Ways; readonly needsSetup: boolean }
  | {
      readonly kind: "somebody"
      readonly person: SignedIn
      readonly ways: Ways
      /** The sign-in has ended, and the person was not told in another way yet: what is open stays readable. */
      readonly hasLapsed: boolean
    }

/** What a keeper takes from its surroundings. */
export interface WhoKeeperOptions {
  /** Asks the server. */
  readonly ask: () => Promise<WhoAnswer>
  /** May throw: browsers refuse storage in some settings; nothing then outlasts the page. */
  readonly storage: () => Storage
}

/**
 * Knows who sits here: what this device remembers, at once, and what the server says, when it does. Without a server the
 * device's word holds, so that a page reloaded offline opens its person's copies.
 */
export class WhoKeeper {
  readonly #options: WhoKeeperOptions
  readonly #listeners = new Set<() => void>()
  /** Whom this page was opened for: everything that it keeps on the device is theirs. */
  readonly #atFirst: string
  #who: Who

  constructor(options: WhoKeeperOptions) {
    this.#options = options
    this.#who = this.#recall()
    this.#atFirst = userOf(this.#who)
  }

  /** Who sits here: the same object until it changes. */
  readonly get = (): Who => this.#who

  /** Calls `listener` after it changed. Returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whose the documents' copies on this device are: an id that stays. */
  user(): string {
    return this.#atFirst
  }

  /**
   * True once somebody else sits here than this page was opened for. It then has to be loaded anew: what it shows and
   * keeps is another's.
   */
  readonly isOfAnother = (): boolean => {
    return this.#who.kind === "somebody" && userOf(this.#who) !== this.#atFirst
  }

  /** Asks the server. Without an answer the device's word holds. */
  async refresh(): Promise<void> {
    try {
      this.#set(after(this.#who, await this.#options.ask()))
    } catch (error) {
      if (!(error instanceof QuireError)) throw error
      if (this.#who.kind === "unknown" && !this.#who.mayBeOpen) this.leave()
    }
  }

  /** Somebody has signed in here, or has another name or colour. */
  become(person: SignedIn): void {
    this.#set({ kind: "somebody", person, ways: waysOf(this.#who), hasLapsed: false })
  }

  /** The person has signed out. */
  leave(): void {
    this.#set({ kind: "nobody", ways: waysOf(this.#who), needsSetup: false })
  }

  /** Another tab has noted who sits here. */
  heard(): void {
    const noted = this.#recall()
    if (userOf(noted) === userOf(this.#who)) return
    this.#who = noted.kind === "unknown" ? { kind: "nobody", ways: waysOf(this.#who), needsSetup: false } : noted
    for (const listener of this.#listeners) listener()
  }

  #set(who: Who): void {
    if (JSON.stringify(who) === JSON.stringify(this.#who)) return
    this.#who = who
    this.#note()
    for (const listener of this.#listeners) listener()
  }

  #recall(): Who {
    try {
      const kept: unknown = JSON.parse(this.#options.storage().getItem(KEY) ?? "null")
      if (kept === null) return UNKNOWN
      const who = after(UNKNOWN, readWho(kept))
      // Somebody may have signed in since, on a page of another server.
      return who.kind === "nobody" ? { kind: "unknown", mayBeOpen: false } : who
    } catch {
      return UNKNOWN // no storage, or not what we wrote: the server is asked anyway
    }
  }

  #note(): void {
    try {
      this.#options.storage().setItem(KEY, JSON.stringify(asAnswer(this.#who)))
    } catch {
      return // no storage: known as long as the page lasts
    }
  }
}

const UNKNOWN: Who = { kind: "unknown", mayBeOpen: true }

/** What is known after an answer. */
function after(before: Who, answer: WhoAnswer): Who {
  if (answer.mode === "open") return { kind: "open" }
  const { person, ways, needsSetup } = answer
  if (person !== undefined) return { kind: "somebody", person, ways, hasLapsed: false }
  if (before.kind === "somebody") return { ...before, ways, hasLapsed: true }
  return { kind: "nobody", ways, needsSetup }
}

/** The answer as the server would give it, which `readWho` reads again. */
function asAnswer(who: Who): unknown {
  if (who.kind === "open" || who.kind === "unknown") return { mode: "open" }
  const { hasPassword, provider } = who.ways
  return {
    mode: "members",
    person: who.kind === "somebody" ? who.person : null,
    signIn: { password: hasPassword, oidc: provider === undefined ? null : { name: provider } },
    needsSetup: false,
  }
}

function waysOf(who: Who): Ways {
  return "ways" in who ? who.ways : { hasPassword: true, provider: undefined }
}

/** Guests of an open server share one set of copies, as their device is one guest. */
function userOf(who: Who): string {
  return who.kind === "somebody" ? who.person.id : "guest"
}
