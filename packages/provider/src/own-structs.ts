import * as Y from "yjs"

/*
 * Whoever may write can write under another's Yjs client id while that other is away (ADR 0025). What the other has
 * typed meanwhile then counts as known, and would be dropped without a word. So what a server has under this page's id
 * is compared with what this page wrote under it.
 */

/** Knows which of the ydoc's own structs are settled, and sees whether those that come back are its own. */
export class OwnStructs {
  readonly #ydoc: Y.Doc
  #client = 0
  /** Up to here everything was called saved, or is older than the provider. */
  #settled = 0
  /** From here on nothing was ever sent: so nobody can have deleted it. */
  #unsent = 0

  constructor(ydoc: Y.Doc) {
    this.#ydoc = ydoc
  }

  /** From which clock on nothing was sent. */
  get unsent(): number {
    this.#follow()
    return this.#unsent
  }

  /** True while there are own structs that were not called saved. */
  get areUnsettled(): boolean {
    return this.#written() > this.#settled
  }

  /** What the ydoc holds was written before the provider's time: nobody knows where it is. */
  inherit(): void {
    this.#settled = this.#written()
    this.#unsent = this.#settled
  }

  /** An update of the device's copy was taken in. A ydoc may keep its client id over reloads. */
  loaded(update: Uint8Array): void {
    this.#follow()
    this.#settled = Math.max(this.#settled, Y.parseUpdateMeta(update).to.get(this.#client) ?? 0)
    this.#unsent = Math.max(this.#unsent, this.#settled)
  }

  /** Everything written so far leaves for the server. */
  sent(): void {
    this.#unsent = this.#written()
  }

  /** Everything written so far is on the server's disk. */
  saved(): void {
    this.#settled = this.#written()
  }

  /** The state vector to ask with: it asks for what the server has in the place of what is not settled, too. */
  stateVector(): Uint8Array {
    const stateVector = Y.encodeStateVector(this.#ydoc)
    if (!this.areUnsettled) return stateVector
    const lowered = Y.decodeStateVector(stateVector)
    if (this.#settled > 0) lowered.set(this.#client, this.#settled)
    else lowered.delete(this.#client)
    return Y.encodeStateVector(lowered)
  }

  /** Whether a server with this state vector has something in the place of what is not settled. */
  isClaimedBy(stateVector: Uint8Array): boolean {
    return this.areUnsettled && (Y.decodeStateVector(stateVector).get(this.#client) ?? 0) > this.#settled
  }

  /**
   * Whether an update has structs under the ydoc's own client id that the ydoc did not write.
   *
   * @param unsent from this clock on nothing of ours can have been deleted by others.
   */
  isForged(update: Uint8Array, unsent: number): boolean {
    if (!this.areUnsettled) return false
    const client = this.#client
    if ((Y.parseUpdateMeta(update).to.get(client) ?? 0) <= this.#settled) return false
    const { structs } = Y.decodeUpdate(update)
    return structs.some((struct) => struct.id.client === client && this.#differs(struct, unsent))
  }

  #differs(struct: Y.Item | Y.GC | Y.Skip, unsent: number): boolean {
    const { id, length } = struct
    const end = id.clock + length
    if (struct instanceof Y.Skip || end <= this.#settled) return false
    if (end > this.#written()) return true
    const isGone = struct instanceof Y.GC || struct.content instanceof Y.ContentDeleted
    for (let clock = Math.max(id.clock, this.#settled); clock < end; clock++) {
      const own = Y.getItem(this.#ydoc.store, Y.createID(id.client, clock))
      if (!(own instanceof Y.Item) || own.deleted) continue
      // What was sent before may have been taken in, and deleted by somebody since.
      if (isGone ? clock >= unsent : cellAt(struct, clock) !== cellAt(own, clock)) return true
    }
    return false
  }

  #written(): number {
    this.#follow()
    return Y.getState(this.#ydoc.store, this.#client)
  }

  /** Yjs takes another client id by itself when somebody uses ours: nothing was written under that one. */
  #follow(): void {
    if (this.#client === this.#ydoc.clientID) return
    this.#client = this.#ydoc.clientID
    this.#settled = 0
    this.#unsent = 0
  }
}

/** What an item holds at one clock, as text that is the same for the same. */
function cellAt(item: Y.Item, clock: number): string {
  const { content } = item
  const at = clock - item.id.clock
  const ref = content.getRef()
  if (content instanceof Y.ContentString) return `${ref} ${content.str.charCodeAt(at)}`
  if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON)
    return `${ref} ${JSON.stringify(content.arr[at])}`
  if (content instanceof Y.ContentFormat) return `${ref} ${content.key} ${JSON.stringify(content.value)}`
  if (content instanceof Y.ContentEmbed) return `${ref} ${JSON.stringify(content.embed)}`
  if (content instanceof Y.ContentBinary) return `${ref} ${content.content.join()}`
  if (content instanceof Y.ContentType) {
    const { type } = content
    return `${ref} ${type.constructor.name} ${type instanceof Y.XmlElement ? type.nodeName : ""}`
  }
  return String(ref)
}
