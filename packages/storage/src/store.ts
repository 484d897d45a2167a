import { closedError, corruptError, errorTexts, hasCode, StorageError } from "./errors.js"
import type { Level, OpenLevel, Operation } from "./level.js"
import { LevelNames } from "./level-names.js"

/**
 * The level, and its closing and reopening underneath those who read.
 *
 * - Reads run at once while the level is open, and wait while it is being reopened.
 * - The level is closed only when no read is under way, so a read never sees it close.
 * - Only the commit queue writes, reopens and ends.
 */
export class Store {
  readonly #path: string
  readonly #openLevel: OpenLevel
  readonly #names: LevelNames
  #level: Level | undefined
  #reading = 0
  #onQuiet: (() => void) | undefined
  /** Set while reads must wait. */
  #hold: { readonly over: Promise<void>; readonly release: () => void } | undefined
  /** Set for good once no read will be answered any more. */
  #ended: StorageError | undefined

  private constructor(path: string, openLevel: OpenLevel) {
    this.#path = path
    this.#openLevel = openLevel
    this.#names = new LevelNames(path)
  }

  /** Open the level at `path`. Rejects as the level's opening does. */
  static async open(path: string, openLevel: OpenLevel): Promise<Store> {
    const store = new Store(path, openLevel)
    await store.#open()
    return store
  }

  /**
   * Run a read. The level must not be used after `work` has settled.
   *
   * @throws StorageError whatever `work` throws, put in our words; `QUIRE_STORAGE_CLOSED` once closed.
   */
  async read<T>(work: (level: Level) => Promise<T>): Promise<T> {
    while (this.#hold !== undefined) await this.#hold.over
    if (this.#ended !== undefined) throw this.#ended
    const level = this.#level
    if (level === undefined) throw closedError()
    this.#reading++
    try {
      return await work(level)
    } catch (error) {
      throw readError(error)
    } finally {
      this.#reading--
      if (this.#reading === 0) this.#onQuiet?.()
    }
  }

  /** Write a batch and make it durable. Rejects as the level does; then call `reopen` before anything else. */
  async write(operations: Operation[]): Promise<void> {
    if (this.#level === undefined) throw closedError()
    await this.#level.batch(operations, { sync: true })
    await this.#names.written()
  }

  /**
   * Close the level and open it again. Reads wait from here until `resume`, also when opening fails.
   *
   * @returns the new level, for verifying what is in it.
   */
  async reopen(): Promise<Level> {
    this.#holdReads()
    await this.#closeLevel()
    return await this.#open()
  }

  /** Let reads go on. */
  resume(): void {
    this.#hold?.release()
    this.#hold = undefined
  }

  /** Answer no read any more, waiting ones included, and close the level. Idempotent. */
  async end(reason: StorageError): Promise<void> {
    this.#ended ??= reason
    this.resume()
    await this.#closeLevel()
  }

  async #open(): Promise<Level> {
    const level = await this.#openLevel(this.#path)
    this.#level = level
    try {
      await this.#names.opened()
    } catch (error) {
      await this.#closeLevel()
      throw error
    }
    return level
  }

  async #closeLevel(): Promise<void> {
    if (this.#reading > 0) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve
      })
      this.#onQuiet = undefined
    }
    const level = this.#level
    this.#level = undefined
    await level?.close()
  }

  #holdReads(): void {
    if (this.#hold !== undefined) return
    let release = (): void => {}
    const over = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#hold = { over, release }
  }
}

function readError(error: unknown): StorageError | TypeError {
  if (error instanceof StorageError || error instanceof TypeError) return error
  const text = errorTexts(error).join("; ")
  if (hasCode(error, "LEVEL_CORRUPTION")) return corruptError("the level", text, error)
  return new StorageError("QUIRE_STORAGE_FAILED", `the disk refused a read (${text})`, {
    hint: "Check the disk, then restart the server.",
    cause: error,
  })
}
