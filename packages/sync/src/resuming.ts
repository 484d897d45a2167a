import type { DocumentId, Sequence } from "@quire/base"
import type { ResumeToken } from "@quire/protocol"
import type { Durable } from "./fan-out.js"
import type { RoomSetting } from "./room.js"

/** What the log says of a resume token. */
export type ResumeCheck =
  /** The client's copy ends there. */
  | { readonly kind: "good"; readonly after: Sequence }
  /** There is no token, or nobody can tell any more. */
  | { readonly kind: "unknown" }
  /** It was called durable, and is not in this log: the log is an older one. */
  | { readonly kind: "gone-back" }

/** Finds where clients' copies end. */
export class Resuming {
  readonly #setting: RoomSetting
  readonly #log: { readonly document: DocumentId; readonly epoch: string }
  #isKnownToHaveGoneBack = false

  constructor(setting: RoomSetting, log: { readonly document: DocumentId; readonly epoch: string }) {
    this.#setting = setting
    this.#log = log
  }

  /**
   * Where a client's copy ends, if its token is of this log: same epoch, and the record it names is the one we have.
   * Anything else falls back to state vectors. Rules J1 and J6.
   */
  async check(token: ResumeToken | undefined, durable: Durable): Promise<ResumeCheck> {
    const { document, epoch } = this.#log
    if (token === undefined || token.epoch !== epoch) return { kind: "unknown" }
    if (token.sequence > durable.sequence) return this.#hasGoneBack(token, durable)
    const known =
      token.sequence === durable.sequence ? durable : await this.#setting.log.record(document, token.sequence)
    if (known === undefined) return { kind: "unknown" }
    return known.checksum === token.checksum
      ? { kind: "good", after: token.sequence }
      : this.#hasGoneBack(token, durable)
  }

  /** Rule J6. What was called durable once is not in this log: said once by each room, and to everybody who proves it. */
  #hasGoneBack({ sequence }: ResumeToken, durable: Durable): ResumeCheck {
    if (!this.#isKnownToHaveGoneBack) {
      this.#isKnownToHaveGoneBack = true
      const { document } = this.#log
      this.#setting.watch.event("room.log-went-back", { document, toldDurable: sequence, durable: durable.sequence })
    }
    return { kind: "gone-back" }
  }
}
