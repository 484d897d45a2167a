import { asUserId, type DocumentId } from "@quire/base"
import type { CloseCode, Grant } from "@quire/protocol"
import type { Credentials, GateAnswer, Identity } from "../src/index.js"
import { World } from "./world.js"

type LetIn = GateAnswer & { readonly ok: true }

/** What a scripted person has. */
interface Person {
  rights: Grant
  identity: Identity | undefined
}

/**
 * A gate whose answers the test changes while connections are open, as accounts will. The token is the user's name;
 * after a colon follows what makes one token different from another.
 */
export class ScriptedGate {
  readonly people = new Map<string, Person>()
  /** Tokens that leases were asked about. */
  readonly asked: string[] = []
  /** Leases that somebody watches. */
  watched = 0
  /** What a lease answers, if not what the people say. */
  answerRefresh: ((token: string) => Promise<GateAnswer>) | undefined
  readonly #watchers = new Map<string, Set<(next: GateAnswer) => void>>()

  /** Somebody is known from now on. */
  add(user: string, rights: Grant, identity?: Identity): void {
    this.people.set(user, { rights, identity })
  }

  readonly gate = async (_document: DocumentId, { token }: Credentials): Promise<GateAnswer> => {
    const user = token.split(":")[0] ?? ""
    const answer = this.#answer(user)
    if (!answer.ok) return answer
    return {
      ...answer,
      lease: { watch: (changed) => this.#watch(user, changed), refresh: (next) => this.#refresh(next) },
    }
  }

  /** Rights or identity of somebody change, and the leases say so. */
  change(user: string, change: Partial<Person>): void {
    const person = this.people.get(user)
    if (person === undefined) throw new Error(`nobody is called ${user}`)
    this.people.set(user, { ...person, ...change })
    this.say(user, this.#answer(user))
  }

  /** Somebody has to go. */
  end(user: string, close: CloseCode, reason: string): void {
    this.people.delete(user)
    this.say(user, { ok: false, close, reason })
  }

  /** The leases of somebody say this. */
  say(user: string, answer: GateAnswer): void {
    for (const changed of [...(this.#watchers.get(user) ?? [])]) changed(answer)
  }

  #answer(user: string): GateAnswer {
    const person = this.people.get(user)
    if (person === undefined) return { ok: false, close: 4403, reason: FORBIDDEN }
    const answer: LetIn = { ok: true, user: asUserId(user), rights: person.rights }
    return person.identity === undefined ? answer : { ...answer, identity: person.identity }
  }

  #watch(user: string, changed: (next: GateAnswer) => void): () => void {
    const watchers = this.#watchers.get(user) ?? new Set()
    this.#watchers.set(user, watchers.add(changed))
    this.watched++
    return () => {
      if (watchers.delete(changed)) this.watched--
    }
  }

  async #refresh(token: string): Promise<GateAnswer> {
    this.asked.push(token)
    if (this.answerRefresh !== undefined) return this.answerRefresh(token)
    return this.#answer(token.split(":")[0] ?? "")
  }
}

/** What is said to whoever may not see a document, and to whoever asks for one that is not there. */
export const FORBIDDEN = "QUIRE_FORBIDDEN: there is no such document, or it is not shared with you"

/** A world whose gate the test scripts. */
export function guardedWorld(): { readonly world: World; readonly people: ScriptedGate } {
  const world = new World()
  const people = new ScriptedGate()
  Object.assign(world.setting, { gate: people.gate })
  return { world, people }
}
