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
 * A few updates that are this large together are sent one by one: a reader takes them in as fast, and the first to open
 * a document would wait for their merging, which takes the longer the more there is.
 */
const FEW_UPDATES = 8
const LARGE_BYTES = 32_768

/**
 * A document's content up to a sequence, as a joiner is sent it: the tail as one update (or a few large ones), then the
 * snapshot as step 2, so that "synced" is true when the step 2 has arrived. Encoded once, handed to every joiner, and
 * kept in that form only: what is computed from is the updates inside the messages.
 */
export class MergedState {
  readonly snapshot: Snapshot | undefined
  readonly #merging: Merging
  readonly #snapshotMessage: Uint8Array | undefined
  #tail: readonly Uint8Array[]
  #tailMessages: readonly Uint8Array[] | undefined
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
    const size = (this.#snapshotMessage?.length ?? 0) + this.tailBytes
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

  /** True if the tail may be sent as it is: at most one update, or few and large ones. */
  get isReady(): boolean {
    return this.#tail.length <= 1 || (this.#tail.length <= FEW_UPDATES && this.tailBytes >= LARGE_BYTES)
  }

  /** Bytes of the tail. */
  get tailBytes(): number {
    return sizeOf(this.#tail)
  }

  /** What somebody who has nothing is sent. */
  whole(): Parcel {
    this.#whole ??= parcelOf([...this.#carriedTail(), ...(this.#snapshotMessage ? [this.#snapshotMessage] : [])])
    return this.#whole
  }

  /** What somebody is sent whose step 1 is answered by `step2` (part of the snapshot) beside the tail. */
  beside(step2: Uint8Array): Parcel {
    return parcelOf([...this.#carriedTail(), encodeMessage({ type: "step2", update: step2 })])
  }

  /** The tail alone, as one update; the empty one if there is none. */
  async mergedTail(): Promise<Uint8Array> {
    if (this.#tail.length > 1) await this.extend([], this.#through)
    return this.#tail[0] ?? EMPTY_UPDATE
  }

  /** The tail as it travels: before the snapshot as updates; without a snapshot its last update is the answer itself. */
  #carriedTail(): readonly Uint8Array[] {
    if (this.#tailMessages === undefined) {
      const last = this.snapshot === undefined ? this.#tail.length - 1 : -1
      const carried = this.#tail.map((update, index) => carry(index === last ? "step2" : "update", update))
      this.#tail = carried.map(({ update }) => update)
      this.#tailMessages = carried.map(({ message }) => message)
    }
    const isEmpty = this.#tail.length === 0 && this.snapshot === undefined
    return isEmpty ? [encodeMessage({ type: "step2", update: EMPTY_UPDATE })] : this.#tailMessages
  }

  async #mergeTail(updates: readonly Uint8Array[], through: Sequence): Promise<void> {
    const tail = updates.length <= 1 ? updates : [await this.#merging.merge(updates)]
    this.#tail = tail
    this.#through = through
    this.#tailMessages = undefined
    this.#whole = undefined
  }
}

function sizeOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, { length }) => sum + length, 0)
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

  /** Forgets all: each is loaded again when somebody needs it. */
  clear(): void {
    this.#kept.clear()
    this.#totalBytes = 0
  }
}
