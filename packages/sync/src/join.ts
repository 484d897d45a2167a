import { asSequence, type DocumentId, type Sequence } from "@quire/base"
import { EMPTY_UPDATE, encodeMessage, encodeStateVector, type StateVector } from "@quire/protocol"
import type { Knowledge } from "./knowledge.js"
import { MergedState, type MergedStates } from "./merged-state.js"
import { type Parcel, parcelOf } from "./parcel.js"
import type { Log, Merging } from "./ports.js"
import type { Recent, RecentUpdate } from "./recent.js"
import type { Session } from "./session.js"

/** What a joiner is sent, and how far it reaches. */
export interface Answer {
  readonly parcel: Parcel
  /** Whoever has taken the parcel in has everything up to here. */
  readonly through: Sequence
}

/** What answers need of their room. */
export interface AnswerRoom {
  readonly document: DocumentId
  readonly log: Log
  readonly merging: Merging
  readonly states: MergedStates
  readonly knowledge: Knowledge
  readonly recent: Recent
  /** The last sequence taken in. */
  readonly head: Sequence
  /** The last sequence on disk. */
  readonly durable: Sequence
  readonly differenceBytes: number
}

/** Where answers go. */
export interface AnswerSink {
  /** Sends an answer to a session that is still there, and notes how far it reaches. */
  send(session: Session, answer: Answer): void
  /** The document could not be read for this session. */
  fail(session: Session, error: unknown): void
}

/** Answers step 1 and brings those up to date who fell behind: at once where that is possible, else when it is ready. */
export class Answering {
  readonly #room: AnswerRoom
  readonly #sink: AnswerSink

  constructor(room: AnswerRoom, sink: AnswerSink) {
    this.#room = room
    this.#sink = sink
  }

  /** A session says what it has: a state vector, or (checked) where its copy ends. */
  step1(session: Session, vector: StateVector, resumeAfter: Sequence | undefined): void {
    const atOnce = answerAtOnce(this.#room, vector, resumeAfter)
    if (atOnce !== undefined) this.#sink.send(session, atOnce)
    else this.#sendLater(session, answer(this.#room, vector, resumeAfter))
  }

  /** A session that fell behind reads again: one difference, or the whole where the log keeps that no more. */
  catchUp(session: Session): void {
    this.#sendLater(session, this.#missedBy(session))
  }

  async #missedBy({ reading }: Session): Promise<Answer> {
    const missed = reading.kind === "behind" ? await difference(this.#room, reading.through) : undefined
    return missed ?? answer(this.#room, new Map(), undefined)
  }

  #sendLater(session: Session, prepared: Promise<Answer>): void {
    prepared.then(
      (ready) => this.#sink.send(session, ready),
      (error: unknown) => this.#sink.fail(session, error),
    )
  }
}

/** More recent updates than this are merged before they are sent: each would be a transaction in the reader. */
const LOOSE_UPDATES = 32

/**
 * The answer to a step 1 that can be given without reading anything: the client lacks no struct, or its resume token
 * is recent. `undefined` if it takes more. Rules J1 and J2 of SPEC.md.
 */
function answerAtOnce(room: AnswerRoom, vector: StateVector, resumeAfter: Sequence | undefined): Answer | undefined {
  if (resumeAfter !== undefined) {
    const updates = room.recent.after(resumeAfter)
    if (updates === undefined || updates.length > LOOSE_UPDATES) return undefined
    return { parcel: parcelOf([...updateMessages(updates), step2(EMPTY_UPDATE)]), through: room.head }
  }
  if (!room.knowledge.isCoveredBy(vector)) return undefined
  return { parcel: parcelOf([step2(room.knowledge.deleteSet())]), through: room.head }
}

/**
 * The answer to any step 1, reading and merging what it must; a crowd that asks together shares one load. Updates
 * taken in meanwhile are part of it. Rules J3 to J5 of SPEC.md.
 */
async function answer(room: AnswerRoom, vector: StateVector, resumeAfter: Sequence | undefined): Promise<Answer> {
  if (resumeAfter !== undefined) {
    const resumed = await difference(room, resumeAfter)
    if (resumed !== undefined) return withStep2(resumed, EMPTY_UPDATE)
  }
  const state = await currentState(room)
  // As it is now: somebody else's answer may extend the state while this part is made.
  const { through } = state
  const part = await partFor(room, state, vector)
  const late = room.recent.after(through)
  // More came while the part was made than can be sent loose: once more, from the now longer state.
  if (late === undefined || late.length > LOOSE_UPDATES) return answer(room, vector, undefined)
  const parcel = late.length === 0 ? part : parcelOf([...updateMessages(late), ...part.messages])
  return { parcel, through: room.head }
}

/** Everything after a sequence as one message, or `undefined` if the log does not keep it any more. */
async function difference(room: AnswerRoom, after: Sequence): Promise<Answer | undefined> {
  const release = room.recent.hold(room.durable)
  try {
    const updates = room.recent.after(after) ?? (await readLog(room, after))
    if (updates === undefined) return undefined
    const merged = updates.length === 0 ? [] : [await room.merging.merge(updates.map(({ update }) => update))]
    const reached = updates[updates.length - 1]?.sequence ?? after
    const late = room.recent.after(reached) ?? []
    const messages = merged.map((update) => encodeMessage({ type: "update", update }))
    return { parcel: parcelOf([...messages, ...updateMessages(late)]), through: room.head }
  } finally {
    release()
  }
}

/** The document's state, merged up to nearly now. */
export async function currentState(room: AnswerRoom): Promise<MergedState> {
  const cached = room.states.peek(room.document)
  if (cached !== undefined && !room.recent.reaches(cached.through)) room.states.drop(room.document)
  const release = room.recent.hold(room.durable)
  try {
    const state = await room.states.get(room.document, () => loadState(room))
    const late = room.recent.after(state.through)
    if (late === undefined) {
      room.states.drop(room.document)
      return currentState(room)
    }
    if (!state.isReady || late.length > LOOSE_UPDATES) {
      await state.extend(
        late.map(({ update }) => update),
        room.head,
      )
      // It may have grown or shrunk; what was dropped meanwhile stays dropped.
      if (room.states.peek(room.document) === state) room.states.put(room.document, state)
    }
    return state
  } finally {
    release()
  }
}

async function loadState(room: AnswerRoom): Promise<MergedState> {
  const loaded = await room.log.load(room.document)
  // Its first updates are on their way to the disk: they are all in `recent`.
  if (loaded === undefined)
    return new MergedState({ snapshot: undefined, tail: [], through: asSequence(0) }, room.merging)
  return MergedState.ofLoaded(loaded, room.merging)
}

async function partFor(room: AnswerRoom, state: MergedState, vector: StateVector): Promise<Parcel> {
  const { snapshot } = state
  if (vector.size === 0) return state.whole()
  if (snapshot === undefined) {
    if (state.tailBytes < room.differenceBytes) return state.whole()
    const tail = await state.mergedTail()
    return parcelOf([step2(await room.merging.difference(tail, encodeStateVector(vector)))])
  }
  if (coversAll(vector, state.snapshotVector)) return state.beside(snapshot.deleteSet)
  if (snapshot.update.length < room.differenceBytes) return state.whole()
  return state.beside(await room.merging.difference(snapshot.update, encodeStateVector(vector)))
}

async function readLog(room: AnswerRoom, after: Sequence): Promise<readonly RecentUpdate[] | undefined> {
  const records = await room.log.read(room.document, after)
  return records
    ?.filter((record) => record.kind === "body")
    .map(({ sequence, payload }) => ({ sequence, update: payload }))
}

function withStep2(part: Answer, update: Uint8Array): Answer {
  return { parcel: parcelOf([...part.parcel.messages, step2(update)]), through: part.through }
}

function updateMessages(updates: readonly RecentUpdate[]): Uint8Array[] {
  return updates.map(({ update }) => encodeMessage({ type: "update", update }))
}

function step2(update: Uint8Array): Uint8Array {
  return encodeMessage({ type: "step2", update })
}

function coversAll(vector: StateVector, needed: StateVector): boolean {
  for (const [client, clock] of needed) if ((vector.get(client) ?? 0) < clock) return false
  return true
}
