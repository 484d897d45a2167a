import type { Clock, UserId } from "@quire/base"
import type { UpdateSummary } from "@quire/protocol"
import type { Knowledge } from "./knowledge.js"
import type { Session } from "./session.js"

/** Nobody in particular: a session whose user the gate does not know from any other. */
const ANONYMOUS = "" as UserId

/** A plain owner that has said nothing for this long may be dead: stock clients renew their presence every 15 s. */
const STALE_MS = 20_000

/** What came of saying that a client id is one's own. */
export type Claim =
  /** It is; `displaced` is the session that had it. */
  | { readonly kind: "own"; readonly displaced: Session | undefined }
  /** A newer connection of the same person has it. */
  | { readonly kind: "outdated" }
  | { readonly kind: "another's" }

/** Structs of another that a session brought: up to this clock, and how far the room was then. */
interface Foreign {
  readonly end: number
  readonly known: number
}

/** What owners need of their room. */
export interface OwnersRoom {
  readonly clock: Clock
  readonly knowledge: Knowledge
  /** Asks a session for everything the room lacks. */
  ask(session: Session): void
  /** Somebody has brought structs of another who is here: once for each time that it has to wait. */
  noteForeign(): void
}

/**
 * Which session speaks for which Yjs client id while it is here, and whose structs are therefore taken from whom.
 * Rules I1 to I3 of SPEC.md. An id is protected only while its owner is here: what somebody wrote who has left may be
 * with others alone after a crash, and they must be able to give it back (ADR 0025).
 */
export class Owners {
  readonly #room: OwnersRoom
  readonly #byClient = new Map<number, Session>()
  readonly #bySession = new Map<Session, number>()
  /** Who wrote under an id first, as far as the tail of the log and this process have seen; nobody anonymous. */
  readonly #writers = new Map<number, UserId>()
  /** Sessions that brought structs of others and will be asked again: of whom, up to which clock. */
  readonly #waiting = new Map<Session, Map<number, Foreign>>()

  constructor(room: OwnersRoom) {
    this.#room = room
  }

  /** A user has written under an id. The first one stays. */
  wrote(client: number, user: UserId): void {
    if (client > 0 && user !== ANONYMOUS && !this.#writers.has(client)) this.#writers.set(client, user)
  }

  /** Whether somebody who is here has a client id. */
  has(client: number): boolean {
    return this.#byClient.has(client)
  }

  /** A session says that a client id is its own. The newest connection of one person, or of an anonymous one, has it. */
  claim(session: Session, client: number): Claim {
    const owner = this.#byClient.get(client)
    if (owner === session) return { kind: "own", displaced: undefined }
    const { user, acceptedAtMs } = session.visitor
    if ((this.#writers.get(client) ?? user) !== user) return { kind: "another's" }
    if (owner !== undefined) {
      if (owner.visitor.user !== ANONYMOUS && owner.visitor.user !== user) return { kind: "another's" }
      // The hello of a line that was given up may come after that of its successor.
      if (owner.visitor.acceptedAtMs > acceptedAtMs) return { kind: "outdated" }
      this.#forget(owner)
    }
    this.#byClient.set(client, session)
    this.#bySession.set(session, client)
    return { kind: "own", displaced: owner }
  }

  /** A plain session announces a client id. It gets one that nobody uses, or a plain session that may be dead. */
  claimByPresence(session: Session, client: number): boolean {
    const owner = this.#byClient.get(client)
    const mayBeDead = owner?.isNative === false && this.#room.clock.elapsed() - owner.heardAt >= STALE_MS
    if (owner !== undefined && owner !== session && !mayBeDead) return false
    return this.claim(session, client).kind === "own"
  }

  /** A session has ended. */
  leave(session: Session): void {
    this.#forget(session)
    this.#waiting.delete(session)
    this.askThoseWhoWaited(false)
  }

  /** Whether structs of a client may come from a session. */
  mayBring(session: Session, client: number): boolean {
    const owner = this.#byClient.get(client)
    if (owner === undefined || owner === session || owner.grant !== "write") return true
    // A plain client may never answer our step 1; a native one does.
    if (!owner.isNative && !owner.hasAnswered) return true
    return owner.visitor.user === session.visitor.user && owner.visitor.user !== ANONYMOUS
  }

  /** Whether an update brings news under the client id of another person who is here. */
  bringsForeign(session: Session, { structs }: UpdateSummary): boolean {
    for (const { client, end } of structs) {
      if (!this.mayBring(session, client) && end > this.#room.knowledge.clockOf(client)) return true
    }
    return false
  }

  /** A session has brought such an update: it is asked again once the owners have brought that, or are gone. */
  wait(session: Session, { structs }: UpdateSummary): void {
    if (!session.isOpen) return
    const foreign = this.#waiting.get(session) ?? new Map<number, Foreign>()
    if (!this.#waiting.has(session)) this.#room.noteForeign()
    this.#waiting.set(session, foreign)
    session.healing = "waiting"
    for (const { client, end } of structs) {
      if (this.mayBring(session, client)) continue
      const known = this.#room.knowledge.clockOf(client)
      foreign.set(client, { end: Math.max(end, foreign.get(client)?.end ?? 0), known })
    }
  }

  /** A step 2 of the session was taken whole: it has nothing more to wait for. */
  settled(session: Session): void {
    this.#waiting.delete(session)
  }

  /**
   * Something was taken in, or somebody has left: asks those for whom that was enough.
   *
   * @param isAnswer true if it came in an answer: then a part of what they wait for is enough, too. Two who wrote by
   *   turns may each have brought what the other's answer builds on.
   */
  askThoseWhoWaited(isAnswer: boolean): void {
    for (const [session, foreign] of this.#waiting) {
      if (this.#isWaiting(session, foreign) && !(isAnswer && this.#hasMoved(foreign))) continue
      this.settled(session)
      this.#room.ask(session)
    }
  }

  #hasMoved(foreign: ReadonlyMap<number, Foreign>): boolean {
    for (const [client, { known }] of foreign) if (this.#room.knowledge.clockOf(client) > known) return true
    return false
  }

  #isWaiting(session: Session, foreign: ReadonlyMap<number, Foreign>): boolean {
    for (const [client, { end }] of foreign) {
      if (!this.mayBring(session, client) && end > this.#room.knowledge.clockOf(client)) return true
    }
    return false
  }

  #forget(session: Session): void {
    const client = this.#bySession.get(session)
    if (client === undefined) return
    this.#bySession.delete(session)
    if (this.#byClient.get(client) === session) this.#byClient.delete(client)
  }
}
