import { type FileHandle, open, rename } from "node:fs/promises"
import { crc32 } from "node:zlib"
import { asSequence, type Clock, type Sequence } from "@quire/base"
import { errorTexts, hasCode } from "./errors.js"
import { KEY_ID_BYTES } from "./keys.js"

/*
 * A small file beside the level that remembers what was acknowledged lately. LevelDB drops a damaged end of its log
 * without a word; this is the other witness. It is a ring of fixed slots, written after durable batches and never
 * fsynced: it survives the end of the process, and at power loss it may be older than the level, never newer in a way
 * that matters (then it merely knows of fewer acknowledgements). FORMAT.md, "The ledger".
 */

/**
 * Writes are at least this far apart, so that a busy store does not make a second disk write of each batch. What a
 * killed process had not written yet is not witnessed: damage to exactly the last 100 ms of a log goes unreported.
 */
const WRITE_EVERY_MS = 100

/** Slots in the ring: acknowledgements remembered. LevelDB's log block of 32 KiB holds about 200 small records. */
export const LEDGER_SLOTS = 4096

/** Bytes of a slot; divides a disk sector, so that none is ever half written at power loss. */
const SLOT_BYTES = 32
const SEQUENCE_AT = KEY_ID_BYTES
const BATCH_AT = SEQUENCE_AT + 6
const CHECKSUM_AT = BATCH_AT + 6
const FILE_BYTES = SLOT_BYTES * (1 + LEDGER_SLOTS)
const TITLE = Buffer.alloc(SLOT_BYTES)
TITLE.write("quire batch ledger 1\n")

const NO_DOCUMENT = new Uint8Array(KEY_ID_BYTES)

/** One document's part of an acknowledged batch. */
export interface LedgerEntry {
  /** The document's id in keys; `undefined` for a batch that touched no document's log. */
  readonly id: Uint8Array | undefined
  /** The document's last sequence in that batch. */
  readonly sequence: Sequence
  /** The batch's number. */
  readonly batch: number
}

/** A ledger as found at open. */
export interface OpenedLedger {
  readonly ledger: BatchLedger
  /** What could be read of it, oldest first as far as the ring tells. */
  readonly entries: readonly LedgerEntry[]
  /** What was wrong with it, if it had to be made anew. */
  readonly trouble: "missing" | "damaged" | undefined
}

/** What a ledger works with. */
export interface LedgerPorts {
  readonly clock: Clock
  /** Told once when the ledger cannot be written, and again only after it could. */
  readonly onTrouble: (reason: string) => void
}

/** The open ledger. Its writes are in the background, one at a time; each takes all that came meanwhile. */
export class BatchLedger {
  readonly #file: FileHandle
  readonly #image: Buffer
  readonly #clock: Clock
  readonly #onTrouble: (reason: string) => void
  /** Slot to be written next. */
  #next: number
  /** Slots before `#next` that are not in the file yet. */
  #dirty = 0
  #writing: Promise<void> | undefined
  /** In elapsed milliseconds. */
  #nextWriteAt = 0
  #cancelWrite: (() => void) | undefined
  #isTroubled = false

  private constructor(file: FileHandle, ports: LedgerPorts, ring: { image: Buffer; next: number }) {
    this.#file = file
    this.#clock = ports.clock
    this.#onTrouble = ports.onTrouble
    this.#image = ring.image
    this.#next = ring.next
  }

  /** Open the ledger at `path`, making it anew if it is missing or damaged. */
  static async open(path: string, ports: LedgerPorts): Promise<OpenedLedger> {
    let file = await openIfThere(path)
    try {
      const found = await file?.readFile()
      const { entries, next, isWhole } = readRing(found ?? Buffer.alloc(0))
      const trouble = found === undefined ? "missing" : isWhole ? undefined : "damaged"
      const image = Buffer.alloc(FILE_BYTES)
      if (trouble === undefined) found?.copy(image)
      else TITLE.copy(image)
      if (file === undefined || trouble !== undefined) {
        await file?.close()
        file = undefined
        file = await makeAnew(path, image)
      }
      const ledger = new BatchLedger(file, ports, { image, next: trouble === undefined ? next : 0 })
      return { ledger, entries, trouble }
    } catch (error) {
      await file?.close()
      throw error
    }
  }

  /**
   * Remember that a batch is durable. Returns at once.
   *
   * @param touched the documents in it, with their last sequence.
   */
  note(batch: number, touched: readonly { readonly id: Uint8Array; readonly sequence: Sequence }[]): void {
    if (touched.length === 0) this.#fill(NO_DOCUMENT, 0, batch)
    for (const { id, sequence } of touched) this.#fill(id, sequence, batch)
    this.#writeSoon()
  }

  /** Finish writing and close the file. */
  async close(): Promise<void> {
    await this.#writing
    this.#cancelWrite?.()
    if (this.#dirty > 0) await this.#write()
    await this.#file.close()
  }

  #fill(id: Uint8Array, sequence: number, batch: number): void {
    const at = SLOT_BYTES * (1 + this.#next)
    this.#image.set(id, at)
    this.#image.writeUIntBE(sequence, at + SEQUENCE_AT, 6)
    this.#image.writeUIntBE(batch, at + BATCH_AT, 6)
    this.#image.writeUInt32BE(crc32(this.#image.subarray(at, at + CHECKSUM_AT)), at + CHECKSUM_AT)
    this.#next = (this.#next + 1) % LEDGER_SLOTS
    this.#dirty = Math.min(this.#dirty + 1, LEDGER_SLOTS)
  }

  #writeSoon(): void {
    if (this.#writing !== undefined || this.#cancelWrite !== undefined) return
    const waitMs = this.#nextWriteAt - this.#clock.elapsed()
    if (waitMs <= 0) this.#writing = this.#write()
    else {
      this.#cancelWrite = this.#clock.schedule(waitMs, () => {
        this.#cancelWrite = undefined
        this.#writing ??= this.#write()
      })
    }
  }

  async #write(): Promise<void> {
    const count = this.#dirty
    const end = this.#next
    this.#dirty = 0
    this.#nextWriteAt = this.#clock.elapsed() + WRITE_EVERY_MS
    try {
      await this.#writeSlots(end - count, end)
      this.#isTroubled = false
    } catch (error) {
      this.#dirty = Math.min(this.#dirty + count, LEDGER_SLOTS) // the next acknowledgement tries again
      if (!this.#isTroubled) this.#onTrouble(errorTexts(error).join("; "))
      this.#isTroubled = true
    }
    this.#writing = undefined
    if (this.#dirty > 0 && !this.#isTroubled) this.#writeSoon()
  }

  /** Write slots `from` to `end` − 1; a negative `from` wraps around. */
  async #writeSlots(from: number, end: number): Promise<void> {
    if (from < 0) await this.#writeRange(from + LEDGER_SLOTS, LEDGER_SLOTS)
    await this.#writeRange(Math.max(from, 0), end)
  }

  async #writeRange(from: number, end: number): Promise<void> {
    if (from === end) return
    const at = SLOT_BYTES * (1 + from)
    await this.#file.write(this.#image, at, SLOT_BYTES * (end - from), at)
  }
}

/** The newest entry of each document, in the order of their batches, and the highest batch number of all. */
export function newestEntries(entries: readonly LedgerEntry[]): {
  readonly documents: readonly (LedgerEntry & { readonly id: Uint8Array })[]
  readonly lastBatch: number
} {
  const newest = new Map<string, LedgerEntry & { readonly id: Uint8Array }>()
  let lastBatch = 0
  for (const { id, sequence, batch } of entries) {
    lastBatch = Math.max(lastBatch, batch)
    if (id === undefined) continue
    const name = Buffer.from(id).toString("latin1")
    const known = newest.get(name)
    if (known === undefined || known.batch < batch) newest.set(name, { id, sequence, batch })
  }
  return { documents: [...newest.values()].sort((a, b) => a.batch - b.batch), lastBatch }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r+")
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    return undefined
  }
}

/** Beside the old one, then in its place: a stop in between must not leave half a ledger, which would raise an alarm. */
async function makeAnew(path: string, image: Buffer): Promise<FileHandle> {
  const temporary = `${path}.new`
  const file = await open(temporary, "w")
  try {
    // In one go, and less of it where files may not grow so large: the log is worth more than its witness.
    await file.write(image, 0, image.length, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  return await open(path, "r+")
}

/** Read every slot that is whole. `isWhole`: title, size and all slots are as we write them. */
function readRing(bytes: Buffer): { entries: LedgerEntry[]; next: number; isWhole: boolean } {
  let isWhole = bytes.length === FILE_BYTES && bytes.subarray(0, SLOT_BYTES).equals(TITLE)
  const entries: LedgerEntry[] = []
  let next = 0
  let lastBatch = 0
  for (let slot = 0; slot < LEDGER_SLOTS && SLOT_BYTES * (slot + 2) <= bytes.length; slot++) {
    const at = SLOT_BYTES * (slot + 1)
    const raw = bytes.subarray(at, at + SLOT_BYTES)
    if (raw.every((byte) => byte === 0)) continue
    if (crc32(raw.subarray(0, CHECKSUM_AT)) !== raw.readUInt32BE(CHECKSUM_AT)) {
      isWhole = false
      continue
    }
    const sequence = asSequence(raw.readUIntBE(SEQUENCE_AT, 6))
    const batch = raw.readUIntBE(BATCH_AT, 6)
    const id = raw.subarray(0, KEY_ID_BYTES)
    entries.push({ id: id.equals(NO_DOCUMENT) ? undefined : id, sequence, batch })
    // Slots of one batch follow one another, around the end of the ring as well: stop behind the last of the newest.
    if (batch > lastBatch || (batch === lastBatch && slot === next)) {
      lastBatch = batch
      next = (slot + 1) % LEDGER_SLOTS
    }
  }
  return { entries, next, isWhole }
}
