import type { DocumentId, Sequence } from "@quire/base"
import { decodeStateVector, EMPTY_UPDATE, encodeMessage, type StateVector } from "@quire/protocol"
import { JOINED_BYTES, type Parcel, parcelOf } from "./parcel.js"
import type { LoadedDocument, Merging, Snapshot } from "./ports.js"

/** A document's updates up to a sequence. */
interface Content {
  readonly snapshot: Snapshot | undefined
  /** What follows the snapshot, in order. */
  readonly tail: readonly Uint8Array[]
  readonly through: Sequence
}

/** An update and the message that carries it. One buffer: the update is the message's end. */
interface Carried {
  readonly message: Uint8Array
  readonly update: Uint8Array
}

/**
 * A document's content up to a sequence, as a joiner is sent it: the tail as one update, then the snapshot as step 2,
 * so that "synced" is true when the step 2 has arrived. Encoded once, handed to every joiner, and kept in that form
 * only: what is computed from is the updates inside the messages.
 */
export class MergedState {
  readonly snapshot: Snapshot | undefined
  readonly #merging: Merging
  readonly #snapshotMessage: Uint8Array | undefined
  #tail: readonly Uint8Array[]
  #tailMessage: Uint8Array | undefined
  #through: Sequence
  #whole: Parcel | undefined
  #snapshotVector: StateVector | undefined
  #merge: Promise<void> | undefined

  constructor({ snapshot, tail, through }: Content, merging: Merging) {
    const carried = snapshot === undefined ? undefined : carry("step2", snapshot.update)
    this.snapshot = snapshot && carried && { ...snapshot, update: carried.update }
    this.#snapshotMessage = carried?.message
    this.#merging = merging
    this.#tail = tail
    this.#through = through
  }

  /** The state of a document as the log has it. */
  static ofLoaded({ snapshot, tail, head }: LoadedDocument, merging: Merging): MergedState {
    const updates = tail.filter((record) => record.kind === "body").map((record) => record.payload)
    return new MergedState({ snapshot, tail: updates, through: head.sequence }, merging)
  }

  /** Everything up to this sequence is in here. */
  get through(): Sequence {
    return this.#through
  }

  /** About how many bytes this keeps in memory, the transport's copy of small ones included. */
  get sizeBytes(): number {
    let size = this.#snapshotMessage?.length ?? 0
    for (const update of this.#tail) size += update.length
    return size + Math.min(size, JOINED_BYTES)
  }

  /** State vector of the snapshot; of none, the empty one. */
  get snapshotVector(): StateVector {
    this.#snapshotVector ??= this.snapshot === undefined ? new Map() : decodeStateVector(this.snapshot.stateVector)
    return this.#snapshotVector
  }

  /** The updates this is made of: the snapshot, then what follows it. */
  get parts(): readonly Uint8Array[] {
    return this.snapshot === undefined ? this.#tail : [this.snapshot.update, ...this.#tail]
  }

  /** Takes in what came after `through`, and merges. One merge at a time; the caller looks at `through` again after. */
  async extend(updates: readonly Uint8Array[], through: Sequence): Promise<void> {
    if (this.#merge !== undefined) return this.#merge
    this.#merge = this.#mergeTail([...this.#tail, ...updates], through).finally(() => {
      this.#merge = undefined
    })
    return this.#merge
  }

  /** True if the tail is at most one update: nothing is left to merge before answering. */
  get isMerged(): boolean {
    return this.#tail.length <= 1
  }

  /** What somebody who has nothing is sent. */
  whole(): Parcel {
    this.#whole ??= parcelOf([...this.#tailMessages(), ...(this.#snapshotMessage ? [this.#snapshotMessage] : [])])
    return this.#whole
  }

  /** What somebody is sent whose step 1 is answered by `step2` (part of the snapshot) beside the tail. */
  beside(step2: Uint8Array): Parcel {
    return parcelOf([...this.#tailMessages(), encodeMessage({ type: "step2", update: step2 })])
  }

  /** The tail alone, as one update, or `undefined` if there is none. */
  get tail(): Uint8Array | undefined {
    return this.#tail[0]
  }

  /** The tail as it travels: before the snapshot as an update, alone as the answer itself. */
  #tailMessages(): Uint8Array[] {
    const type = this.snapshot === undefined ? "step2" : "update"
    const tail = this.#tail[0]
    if (tail === undefined) return type === "update" ? [] : [encodeMessage({ type, update: EMPTY_UPDATE })]
    if (this.#tailMessage === undefined) {
      const carried = carry(type, tail)
      this.#tail = [carried.update]
      this.#tailMessage = carried.message
    }
    return [this.#tailMessage]
  }

  async #mergeTail(updates: readonly Uint8Array[], through: Sequence): Promise<void> {
    const tail = updates.length <= 1 ? updates : [await this.#merging.merge(updates)]
    this.#tail = tail
    this.#through = through
    this.#tailMessage = undefined
    this.#whole = undefined
  }
}

function carry(type: "step2" | "update", update: Uint8Array): Carried {
  const message = encodeMessage({ type, update })
  return { message, update: message.subarray(message.length - update.length) }
}

/** A state that is kept, and the bytes it was last counted with. */
interface Kept {
  readonly state: MergedState
  readonly sizeBytes: number
}

/** The merged states of hot documents, under one byte budget: the least recently used go first. */
export class MergedStates {
  readonly #budgetBytes: number
  readonly #kept = new Map<DocumentId, Kept>()
  readonly #loading = new Map<DocumentId, Promise<MergedState>>()
  #totalBytes = 0

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes
  }

  /** The document's state, loaded at most once for a crowd that asks together. */
  async get(document: DocumentId, load: () => Promise<MergedState>): Promise<MergedState> {
    const state = this.peek(document)
    if (state !== undefined) {
      this.put(document, state)
      return state
    }
    const loading = this.#loading.get(document)
    if (loading !== undefined) return loading
    const started = load().then((loaded) => {
      this.put(document, loaded)
      return loaded
    })
    const tracked = started.finally(() => this.#loading.delete(document))
    this.#loading.set(document, tracked)
    return tracked
  }

  /** The document's state if it is here; does not count as a use. */
  peek(document: DocumentId): MergedState | undefined {
    return this.#kept.get(document)?.state
  }

  /** Remembers a state, at its size of now, as the most recently used, and makes room for it. */
  put(document: DocumentId, state: MergedState): void {
    this.drop(document)
    const { sizeBytes } = state
    this.#kept.set(document, { state, sizeBytes })
    this.#totalBytes += sizeBytes
    for (const oldest of this.#kept.keys()) {
      if (this.#totalBytes <= this.#budgetBytes || oldest === document) break
      this.drop(oldest)
    }
  }

  /** Forgets a document's state. */
  drop(document: DocumentId): void {
    this.#totalBytes -= this.#kept.get(document)?.sizeBytes ?? 0
    this.#kept.delete(document)
  }
}
