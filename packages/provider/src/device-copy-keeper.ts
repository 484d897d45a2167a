import { type Clock, QuireError } from "@quire/base"
import type { ResumeToken } from "@quire/protocol"
import { Alarm } from "./alarm.js"
import type { CopyBatch, DeviceCopy, LoadedCopy, WaitingEdits } from "./device-copy.js"

/** A copy that takes longer to load is no reason to keep the person from the server's. */
const LOAD_LIMIT_MS = 3_000

/** A copy of more updates than this is written anew as one. */
const MAX_UPDATES = 200

/** More than this of others' text at once is what a page is opened with: it is written once it has been shown. */
const LARGE_BYTES = 65_536
const LARGE_DELAY_MS = 500

/** A write that failed is made up for after this long. */
const RETRY_MS = 10_000

/** What has changed without an update (edits acknowledged, a newer token) is written after this long. */
const NOTE_DELAY_MS = 1_000

/** What the copy is told of the document beside its updates. */
export interface DeviceFacts {
  /** Edits made here that no server has acknowledged. */
  readonly ownEdits: number
  /** Edits that came from the copy and that no server has acknowledged. */
  readonly loadedEdits: number
  /** Point in the room's log up to which the ydoc holds everything. */
  readonly resume: ResumeToken | undefined
  /** True once the document has been in sync with a server, now or when the copy was made. */
  readonly isKnown: boolean
}

/** What the keeper needs of the provider. */
export interface DeviceKeeperOptions {
  /** The copy. */
  readonly copy: DeviceCopy
  /** Names this page among those that write the copy: the ydoc's client id. */
  readonly writer: number
  /** Time. */
  readonly clock: Clock
  /** The whole ydoc as one update. */
  readonly encodeAll: () => Uint8Array
  /** The facts, now. */
  readonly facts: () => DeviceFacts
  /** Takes in the copy, perhaps after `ready`. @returns false if not all of it could be taken in. */
  readonly loaded: (copy: LoadedCopy) => boolean
  /** `holdsAll` or `writingSinceMs` may have changed. */
  readonly changed: () => void
  /** Something to tell the person. */
  readonly notice: (code: string, text: string) => void
}

/**
 * Keeps a ydoc in its copy on the device, and knows whether the copy holds all of it. One write is under way at a time
 * and takes all that has come meanwhile. After a failure the next write holds everything.
 */
export class DeviceKeeper {
  readonly #options: DeviceKeeperOptions
  readonly #retry: Alarm
  readonly #noteSoon: Alarm
  readonly #writeSoon: Alarm
  #queue: Uint8Array[] = []
  /** Updates in the copy that this page has loaded or written. */
  #count = 0
  /** Local edits ever written. */
  #through = 0
  #loaded: readonly WaitingEdits[] = []
  /** Those whose waiting edits were loaded. */
  #writers: readonly number[] = []
  #isLoading = false
  #isUnderWay = false
  /** The last write that was begun; never rejects. */
  #lastWrite: Promise<void> = Promise.resolve()
  /** A part of the ydoc is not in the copy, nor in the queue: the next write holds everything. */
  #isBehind = false
  /** A part of the copy could not be taken in, so it must not be dropped. */
  #mayDrop = true
  /** How often the copy was deleted: a write that was under way then went with it, and so did others' counts. */
  #losses = 0
  #writingSinceMs: number | undefined
  #noted = ""
  #told = ""
  #stopHearing: (() => void) | undefined
  #isClosed = false

  constructor(options: DeviceKeeperOptions) {
    this.#options = options
    this.#retry = new Alarm(options.clock, () => this.#write())
    this.#noteSoon = new Alarm(options.clock, () => this.#write())
    this.#writeSoon = new Alarm(options.clock, () => this.#write())
  }

  /** True until the copy has been loaded, or could not be. */
  get isLoading(): boolean {
    return this.#isLoading
  }

  /** True if everything handed over is durable on the device. */
  get holdsAll(): boolean {
    return this.#writingSinceMs === undefined && !this.#isBehind
  }

  /** Since when updates are on their way to the device, `elapsed()` scale; `undefined` if none are, or they failed. */
  get writingSinceMs(): number | undefined {
    return this.#isBehind ? undefined : this.#writingSinceMs
  }

  /** Loads the copy. `ready` is called once: when that is done, has failed, or takes too long. */
  load(ready: () => void): void {
    const { copy, clock } = this.#options
    this.#isLoading = true
    let isReady = false
    const beReady = (): void => {
      if (isReady) return
      isReady = true
      stopWaiting()
      ready()
    }
    const stopWaiting = clock.schedule(LOAD_LIMIT_MS, beReady)
    this.#stopHearing = copy.subscribe(() => this.#lost())
    copy
      .load()
      .then((loaded) => {
        if (!this.#isClosed) this.#take(loaded)
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isLoading = false
        beReady()
        this.#options.changed()
      })
  }

  /** Adds an update to the copy; `isOwn` if it is a local edit. */
  keep(update: Uint8Array, isOwn: boolean): void {
    if (isOwn) this.#through++
    // The write that is to hold everything has not begun. Once it has, what comes is not in it.
    if (this.#isBehind && !this.#isUnderWay) return
    this.#writingSinceMs ??= this.#options.clock.elapsed()
    this.#queue.push(update)
    if (isOwn || update.length < LARGE_BYTES) this.#write()
    else this.#writeSoon.setBy(this.#options.clock.elapsed() + LARGE_DELAY_MS)
  }

  /** The facts may have changed: writes them after a moment, or with the next update. */
  refresh(): void {
    if (this.#isClosed || this.#isUnderWay || this.#isBehind || this.#isLoading) return
    if (nameOf(this.#options.facts()) !== this.#noted) {
      this.#noteSoon.setBy(this.#options.clock.elapsed() + NOTE_DELAY_MS)
    }
  }

  /** Starts the last write, and stops. The copy itself stays open: its owner closes it. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#write()
    this.#stopHearing?.()
    this.#retry.clear()
    this.#noteSoon.clear()
    this.#writeSoon.clear()
  }

  /** Takes the copy off the device, if nothing waits in it but what was loaded or made here. Only after `close`. */
  async forget(): Promise<void> {
    // A write under way may lead to another one.
    while (this.#isUnderWay) await this.#lastWrite
    const { copy, writer } = this.#options
    await copy.forget?.([writer, ...this.#writers])
  }

  #take(loaded: LoadedCopy): void {
    this.#loaded = loaded.waiting
    this.#writers = loaded.waiting.map((one) => one.writer)
    this.#count += loaded.updates.length
    this.#mayDrop = this.#options.loaded(loaded)
    this.#noted = nameOf(this.#options.facts())
  }

  #write(): void {
    if (this.#isUnderWay) return
    const { copy, writer, encodeAll, facts } = this.#options
    const now = facts()
    if (this.#queue.length === 0 && !this.#isBehind && nameOf(now) === this.#noted) return
    const isLong = this.#count + this.#queue.length > MAX_UPDATES && this.#mayDrop
    const isWhole = this.#isBehind || isLong
    const batch: CopyBatch = {
      updates: isWhole ? [encodeAll()] : this.#queue,
      isWhole: isWhole && this.#mayDrop,
      isKnown: now.isKnown,
      resume: now.resume,
      own: { writer, edits: now.ownEdits + (this.#losses > 0 ? now.loadedEdits : 0), through: this.#through },
      settled: now.loadedEdits === 0 ? this.#loaded : [],
    }
    this.#queue = []
    this.#isUnderWay = true
    this.#retry.clear()
    this.#noteSoon.clear()
    this.#writeSoon.clear()
    const losses = this.#losses
    this.#lastWrite = copy
      .write(batch)
      .finally(() => {
        this.#isUnderWay = false
      })
      .then(
        () => (losses === this.#losses ? this.#written(batch, now) : this.#write()),
        (error: unknown) => this.#fail(error),
      )
  }

  #written(batch: CopyBatch, facts: DeviceFacts): void {
    this.#isBehind = false
    this.#count = batch.isWhole ? 1 : this.#count + batch.updates.length
    this.#noted = nameOf(facts)
    this.#loaded = this.#loaded.filter((one) => !batch.settled.includes(one))
    this.#writingSinceMs = this.#queue.length > 0 ? this.#options.clock.elapsed() : undefined
    if (this.#queue.length > 0) this.#write()
    this.#options.changed()
  }

  #fail(error: unknown): void {
    if (error instanceof QuireError && error.code === "QUIRE_COPY_EVICTED") return this.#evicted()
    const text = error instanceof Error ? error.message : String(error)
    this.#fallBehind()
    if (!this.#isClosed) this.#retry.setBy(this.#options.clock.elapsed() + RETRY_MS)
    this.#tell("device-copy-failed", text)
  }

  /** The copy was deleted, so nothing in it can be in the way: everything is written into a new one. */
  #lost(): void {
    this.#losses++
    this.#count = 0
    this.#mayDrop = true
    this.#loaded = []
    this.#fallBehind()
    this.#tell("device-copy-lost", "The copy of this document on this device was deleted. It is stored there anew.")
    this.#write()
  }

  /** The copy was taken away to make room for others, which people need not know: it is in use, so it is written anew. */
  #evicted(): void {
    this.#count = 0
    this.#fallBehind()
    this.#write()
    this.#options.changed()
  }

  #fallBehind(): void {
    this.#isBehind = true
    this.#queue = []
    this.#writingSinceMs = undefined
  }

  #tell(code: string, text: string): void {
    if (this.#told !== text) this.#options.notice(code, text)
    this.#told = text
    this.#options.changed()
  }
}

/** A text that is the same for the same facts. */
function nameOf({ ownEdits, loadedEdits, resume, isKnown }: DeviceFacts): string {
  return JSON.stringify([ownEdits, loadedEdits, resume, isKnown])
}
