import type { Clock } from "@quire/base"
import type { SocketLink } from "./link.js"

/** Each socket is asked this often whether anybody is there; who has not answered twice is cut: within 45 s. */
const PING_MS = 15_000
/** They are asked in so many groups one after the other: thousands at once would make everybody else wait. */
const GROUPS = 30

/** The open sockets, and the regular question whether the other side is still there. */
export class Pings {
  readonly #groups: readonly Set<SocketLink>[] = Array.from({ length: GROUPS }, () => new Set())
  readonly #groupOf = new Map<SocketLink, Set<SocketLink>>()
  readonly #clock: Clock
  #added = 0
  #turn = 0
  #cancel: () => void

  constructor(clock: Clock) {
    this.#clock = clock
    this.#cancel = this.#schedule()
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#groupOf.size
  }

  add(link: SocketLink): void {
    const group = this.#groups[this.#added++ % GROUPS] as Set<SocketLink> // there are so many groups
    group.add(link)
    this.#groupOf.set(link, group)
  }

  remove(link: SocketLink): void {
    this.#groupOf.get(link)?.delete(link)
    this.#groupOf.delete(link)
  }

  /** Asks no more, and cuts who is still there. */
  close(): void {
    this.#cancel()
    for (const link of this.#groupOf.keys()) link.terminate()
  }

  #schedule(): () => void {
    return this.#clock.schedule(PING_MS / GROUPS, () => {
      this.#cancel = this.#schedule()
      for (const link of this.#groups[this.#turn++ % GROUPS] ?? []) link.ping()
    })
  }
}
