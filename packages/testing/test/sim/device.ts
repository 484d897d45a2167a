import type { CopyBatch, DeviceCopy, LoadedCopy, WaitingEdits } from "@quire/provider"
import { never } from "./disk.js"
import type { Life } from "./life.js"
import { Witness } from "./witness.js"
import type { World } from "./world.js"

interface Stored {
  readonly updates: ReadonlyMap<number, Uint8Array>
  readonly isKnown: boolean
  readonly resume: LoadedCopy["resume"]
  readonly waiting: ReadonlyMap<number, WaitingEdits>
}

const EMPTY: Stored = { updates: new Map(), isKnown: false, resume: undefined, waiting: new Map() }

/**
 * A device's store of one document, in memory: what IndexedDB holds. As in the real one a write that carries updates is
 * strict, and any other is relaxed: a loss of power takes the newest of those.
 */
export class Device {
  readonly #world: World
  #stored = EMPTY
  /** What a loss of power leaves. */
  #flushed = EMPTY
  #nextKey = 1
  #generation = 0
  #lost: (() => void) | undefined
  #inFlight: (() => void) | undefined
  #onFlight: (() => void) | undefined
  #failures = 0
  /** What the store holds, for checking claims. */
  readonly witness: Witness = new Witness()

  constructor(world: World) {
    this.#world = world
  }

  /** The next write fails, as on a full device. */
  failNext(): void {
    this.#failures++
  }

  /** Something happens while the next write is on its way. */
  duringNextWrite(happen: () => void): void {
    this.#onFlight = happen
  }

  /** No faults any more. */
  heal(): void {
    this.#failures = 0
    this.#onFlight = undefined
  }

  /** Somebody deletes the store under the page's feet, or while no page is there. */
  wipe(): void {
    this.#generation++
    this.#stored = EMPTY
    this.#flushed = EMPTY
    this.witness.wipe()
    this.#lost?.()
  }

  /** The tab dies. A write in flight happens or does not. */
  tabDied(): void {
    const apply = this.#inFlight
    this.#inFlight = undefined
    this.#lost = undefined
    if (apply === undefined) return
    if (this.#world.random.fraction() < 0.5) apply()
    else this.#world.faults.strike("device write lost with the tab")
  }

  /** The device loses power; no tab is open. */
  losePower(): void {
    if (this.#stored !== this.#flushed) this.#world.faults.strike("device power lost")
    this.#stored = this.#flushed
  }

  /** Writers whose edits no server has acknowledged, as far as the store knows. */
  get waitingWriters(): readonly number[] {
    return [...this.#stored.waiting.keys()]
  }

  /** The port, for one life of a tab. @param loaded called when what was loaded has been handed over. */
  copyFor(life: Life, loaded: () => void): DeviceCopy {
    let held = { generation: this.#generation, keys: new Set<number>() }
    const mine = (): Set<number> => {
      if (held.generation !== this.#generation) held = { generation: this.#generation, keys: new Set() }
      return held.keys
    }
    return {
      load: async () => {
        await this.#delay(life)
        const { updates, isKnown, resume, waiting } = this.#stored
        for (const key of updates.keys()) mine().add(key)
        this.#world.timeline.plan(life.actor, 1, loaded)
        return { updates: [...updates.values()], isKnown, resume, waiting: [...waiting.values()] }
      },
      write: async (batch) => {
        const isFailing = this.#failures > 0
        if (isFailing) this.#failures--
        const generation = this.#generation
        const apply = (): void => {
          if (generation === this.#generation) this.#apply(batch, mine())
        }
        if (!isFailing) this.#inFlight = apply
        if (this.#onFlight !== undefined) this.#world.timeline.plan(life.actor, 0, this.#onFlight)
        this.#onFlight = undefined
        await this.#delay(life)
        this.#inFlight = undefined
        if (isFailing) {
          this.#world.faults.strike("device write failed")
          throw new Error("This device has no room for its copy of the document.")
        }
        apply()
      },
      subscribe: (lost) => {
        this.#lost = lost
        return () => {
          this.#lost = undefined
        }
      },
    }
  }

  #apply(batch: CopyBatch, held: Set<number>): void {
    const updates = new Map(this.#stored.updates)
    if (batch.isWhole) for (const key of held) updates.delete(key)
    if (batch.isWhole) held.clear()
    for (const update of batch.updates) {
      const key = this.#nextKey++
      updates.set(key, update.slice())
      held.add(key)
      this.witness.take(update)
    }
    const waiting = new Map(this.#stored.waiting)
    for (const { writer, through } of batch.settled)
      if (waiting.get(writer)?.through === through) waiting.delete(writer)
    if (batch.own.edits > 0) waiting.set(batch.own.writer, batch.own)
    else waiting.delete(batch.own.writer)
    const { isKnown, resume } = this.#stored
    this.#stored = {
      updates,
      waiting,
      isKnown: isKnown || batch.isKnown,
      resume: batch.isKnown ? (batch.resume ?? resume) : resume,
    }
    if (batch.updates.length > 0) this.#flushed = this.#stored
  }

  async #delay(life: Life): Promise<void> {
    if (!life.mayAct()) return never()
    const { random, timeline } = this.#world
    await timeline.after(life.actor, random.fraction() < 0.1 ? random.below(500) : random.below(8))
    if (life.isOver) return never()
  }
}
