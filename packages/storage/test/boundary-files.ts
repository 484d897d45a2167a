import { AsyncLocalStorage } from "node:async_hooks"
import type * as Files from "node:fs/promises"
import type { FileHandle } from "node:fs/promises"
import type { OpenLevel } from "../src/index.js"

/*
 * The real files, and a process that ends at a chosen boundary between two changes of them. What was changed until then
 * stays changed, as when a process is killed: the machine goes on. `vi.mock` puts `boundaryFiles` in the place of
 * `node:fs/promises`; whatever runs outside of a `Life` gets the real functions.
 */

/** Where a life ends: at the n-th change, counted from 1. `half`: a write leaves its first half. */
export interface End {
  readonly at: number
  readonly how: "before" | "half" | "after"
}

const SECTOR_BYTES = 512

const lives = new AsyncLocalStorage<Life>()

/** One process's changes of files and level, up to its end. */
export class Life {
  /** What each change was, in order. */
  readonly changes: string[] = []
  readonly #end: End | undefined
  readonly #handles = new Set<FileHandle>()
  #isOver = false
  #underWay = 0
  #onOver: (() => void) | undefined

  /** @param end when it dies; never, if left out. */
  constructor(end?: End) {
    this.#end = end
  }

  /** Runs until the work is done, or until the life is over: then it is never heard of again. */
  async run(work: () => Promise<void>): Promise<"done" | "dead"> {
    const over = new Promise<"dead">((resolve) => {
      this.#onOver = () => resolve("dead")
    })
    const ending = await Promise.race([lives.run(this, work).then(() => "done" as const), over])
    this.#isOver = true
    // What the kernel was asked to do it does.
    while (this.#underWay > 0) await new Promise((resolve) => setImmediate(resolve))
    for (const handle of this.#handles) await handle.close()
    return ending
  }

  /** Something that changes nothing: it works while the process lives. */
  async look<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isOver) return await never()
    const result = await this.#doing(work)
    return this.#isOver ? await never() : result
  }

  /** A change. @param half leaves what a change that is stopped in its middle leaves. */
  async change<T>(what: string, work: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
    if (this.#isOver) return await never()
    this.changes.push(what)
    if (this.changes.length !== this.#end?.at) return await this.look(work)
    // Nothing that begins from here on is done; what had begun ends.
    this.#isOver = true
    const last = { before: undefined, half, after: work }[this.#end.how]
    try {
      if (last !== undefined) await this.#doing<unknown>(last)
    } finally {
      // If it fails, nobody is left to hear of it.
      this.#onOver?.()
    }
    return await never()
  }

  /** The level's changes, as far as they are one call: opening it, each batch, closing it. */
  level(open: OpenLevel): OpenLevel {
    return async (path) => {
      const level = await this.change("open the level", () => open(path))
      return {
        ...level,
        batch: (operations, options) => this.change("write a batch", () => level.batch(operations, options)),
        close: () => this.change("close the level", () => level.close()),
      }
    }
  }

  /** A handle whose changes count. */
  handle(file: FileHandle, name: string): FileHandle {
    this.#handles.add(file)
    const part = {
      readFile: () => this.look(() => file.readFile()),
      writeFile: (content: string | Uint8Array) =>
        this.change(
          `write ${name}`,
          () => file.writeFile(content),
          () => file.writeFile(content.slice(0, content.length / 2)),
        ),
      write: (bytes: Buffer, offset: number, length: number, position: number) =>
        this.change(
          `write ${name}`,
          () => file.write(bytes, offset, length, position),
          () => file.write(bytes, offset, wholeSectors(position, length / 2), position),
        ),
      truncate: (length: number) => this.change(`truncate ${name}`, () => file.truncate(length)),
      sync: () => this.change(`sync ${name}`, () => file.sync()),
      close: () => this.look(() => this.#close(file)),
    }
    return part as unknown as FileHandle // what storage uses of one
  }

  async #close(file: FileHandle): Promise<void> {
    this.#handles.delete(file)
    await file.close()
  }

  async #doing<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++
    try {
      return await lives.exit(work)
    } finally {
      this.#underWay--
    }
  }
}

/** The module `node:fs/promises` with its changes counted, for whatever runs in a life. */
export function boundaryFiles(real: typeof Files): typeof Files {
  const changing =
    <A extends unknown[], T>(what: string, work: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> => {
      const life = lives.getStore()
      if (life === undefined) return work(...args)
      return life.change(`${what} ${nameOf(args[0])}`, () => work(...args))
    }
  const open = async (path: string, flags: string): Promise<FileHandle> => {
    const life = lives.getStore()
    if (life === undefined) return await real.open(path, flags)
    const opening = async (): Promise<FileHandle> => life.handle(await real.open(path, flags), nameOf(path))
    return await (flags.startsWith("w") ? life.change(`create ${nameOf(path)}`, opening) : life.look(opening))
  }
  const replaced = {
    open,
    mkdir: changing("make", real.mkdir as (path: string, options: object) => Promise<string | undefined>),
    rename: changing("rename", real.rename),
    unlink: changing("remove", real.unlink),
    rm: changing("remove", real.rm),
    cp: changing("copy", real.cp),
    writeFile: changing("write", real.writeFile as (path: string, content: string) => Promise<void>),
  }
  return { ...real, ...replaced } as unknown as typeof Files // the calls that storage makes
}

/** How much of a write a disk has done that stopped after so many bytes: never part of a sector. */
function wholeSectors(position: number, bytes: number): number {
  return Math.max(0, Math.floor((position + bytes) / SECTOR_BYTES) * SECTOR_BYTES - position)
}

function nameOf(path: unknown): string {
  return String(path).split("/").at(-1) ?? ""
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
