import { crc32 } from "node:zlib"

/** Lines kept for a failure's report. */
const KEPT = 60

/** What happened, as a running checksum: two runs of one seed must have the same. */
export class Trace {
  /** True if every line is kept, with its frames in words. */
  readonly isFull: boolean
  #digest = 0
  #lines = 0
  readonly #kept: string[] = []

  constructor(isFull: boolean) {
    this.isFull = isFull
  }

  /** Notes something that happened. @param words more of it, for a full trace; no part of the checksum. */
  note(line: string, words?: () => string): void {
    this.#digest = crc32(line, this.#digest)
    if (this.isFull) this.#kept.push(words === undefined ? line : `${line} ${words()}`)
    else this.#kept[this.#lines % KEPT] = line
    this.#lines++
  }

  /** Notes bytes that went somewhere. */
  bytes(line: string, bytes: Uint8Array, words: () => string): void {
    this.note(`${line} ${bytes.length} ${crc32(bytes).toString(16)}`, words)
  }

  /** The checksum of all that was noted, and how much that was. */
  get digest(): string {
    return `${this.#digest.toString(16).padStart(8, "0")}-${this.#lines}`
  }

  /** The lines kept, oldest first: all, or the newest. */
  get lines(): readonly string[] {
    if (this.isFull || this.#lines < KEPT) return this.#kept
    const at = this.#lines % KEPT
    return [...this.#kept.slice(at), ...this.#kept.slice(0, at)]
  }
}
