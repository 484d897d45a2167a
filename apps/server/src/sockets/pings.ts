import type { Clock } from "@quire/base"
import type { SocketLink } from "./link.js"

/** Each socket is asked this often whether anybody is there; who has not answered twice is cut: within 45 s. */
const PING_MS = 15_000
/** They are asked in so many groups, one every 50 ms: of 10,000 sockets 33 at a time, so nobody waits for that. */
const GROUPS = 300

/** The open sockets, and the regular question whether the other side is still there. */
export class Pings {
  readonly #groups: readonly Set<SocketLink>[] = Array.from({ length: GROUPS }, () => new Set())
  readonly #groupOf = new Map<SocketLink, Set<SocketLink>>()
  readonly #clock: Clock
  #added = 0
  #turn = 0
  /** Set while somebody is here: nobody is not asked. */
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#groupOf.size
  }

  add(link: SocketLink): void {
    const group = this.#groups[this.#added++ % GROUPS] as Set<SocketLink> // there are so many groups
    group.add(link)
    this.#groupOf.set(link, group)
    this.#cancel ??= this.#schedule()
  }

  remove(link: SocketLink): void {
    this.#groupOf.get(link)?.delete(link)
    this.#groupOf.delete(link)
    if (this.#groupOf.size === 0) this.#stop()
  }

  /** Asks no more, and cuts who is still there. */
  close(): void {
    this.#stop()
    for (const link of this.#groupOf.keys()) link.terminate()
  }

  #stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #schedule(): () => void {
    return this.#clock.schedule(PING_MS / GROUPS, () => {
      for (const link of this.#groups[this.#turn++ % GROUPS] ?? []) link.ping()
      // A ping may end a socket, and that was the last one.
      this.#cancel = this.#groupOf.size > 0 ? this.#schedule() : undefined
    })
  }
}
