import { type FileHandle, open, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "./errors.js"
import type { Entry } from "./level.js"

/*
 * LevelDB's own files, read by ourselves: it checks the checksums of its tables only when asked to, which its binding for
 * Node.js cannot, and drops what it cannot read of its logs without an error. So a missing or older value that no other
 * value speaks of shows here only. The layouts are those of LevelDB's doc/log_format.md, doc/table_format.md and of the
 * Snappy format description; nothing is written.
 */

const LOG_BLOCK_BYTES = 32_768
const LOG_HEADER_BYTES = 7
const FOOTER_BYTES = 48
const TRAILER_BYTES = 5
const MAGIC = "57fb808b247547db"
const SNAPPY = 1

/** A file of a level that is not as LevelDB wrote it. */
export interface DamagedFile {
  /** Its name, without folder. */
  readonly name: string
  /** What is wrong, as a clause. */
  readonly reason: string
}

/**
 * The damaged files of a level that is not open. A log that merely ends early, as after a crash, is none; nor is a table
 * that a crash has left unfinished, which LevelDB does not know of and removes.
 */
export async function damagedFiles(levelPath: string): Promise<DamagedFile[]> {
  const damaged: DamagedFile[] = []
  const live = await liveTables(levelPath)
  for (const name of (await readdir(levelPath)).sort()) {
    if (/\.(ldb|sst)$/.test(name) && live !== undefined && !live.has(Number.parseInt(name, 10))) continue
    const check = /\.(log)$|^MANIFEST-/.test(name) ? wrongInLog : /\.(ldb|sst)$/.test(name) ? wrongInTable : undefined
    const reason = check?.(await readFile(join(levelPath, name)))
    if (reason !== undefined) damaged.push({ name, reason })
  }
  return damaged
}

/**
 * The tables of a level whose index is damaged, read without the rest of them. LevelDB may end the process on one, or not
 * find what is there; what is damaged in a table's data shows when it is read, as our own values have checksums.
 */
export async function damagedIndexes(levelPath: string): Promise<DamagedFile[]> {
  const live = await liveTables(levelPath)
  const damaged: DamagedFile[] = []
  for (const name of live === undefined ? [] : (await readdir(levelPath)).sort()) {
    if (!/\.(ldb|sst)$/.test(name) || live?.has(Number.parseInt(name, 10)) !== true) continue
    const reason = await wrongInIndex(join(levelPath, name))
    if (reason !== undefined) damaged.push({ name, reason })
  }
  return damaged
}

/** The newest value of each key that sound parts of a level's files hold. */
export async function salvageEntries(levelPath: string): Promise<Entry[]> {
  const newest = new Map<string, { readonly order: bigint; readonly entry: Entry | undefined }>()
  const take = (key: Buffer, order: bigint, value: Buffer | undefined): void => {
    const name = key.toString("latin1")
    const known = newest.get(name)
    if (known === undefined || known.order < order) {
      newest.set(name, { order, entry: value === undefined ? undefined : [key, value] })
    }
  }
  for (const name of (await readdir(levelPath)).sort()) {
    if (!/\.(ldb|sst|log)$/.test(name)) continue
    const bytes = await readFile(join(levelPath, name))
    if (name.endsWith(".log")) for (const batch of batchesIn(bytes)) readBatch(batch, take)
    else readTable(bytes, take)
  }
  return [...newest.values()].flatMap(({ entry }) => (entry === undefined ? [] : [entry]))
}

/** Numbers of the tables that a level's manifest names; `undefined` if that is not there or damaged. */
async function liveTables(levelPath: string): Promise<ReadonlySet<number> | undefined> {
  try {
    const name = /^(MANIFEST-\d+)\n$/.exec(await readFile(join(levelPath, "CURRENT"), "utf8"))?.[1]
    if (name === undefined) return undefined
    const manifest = await readFile(join(levelPath, name))
    if (wrongInLog(manifest) !== undefined) return undefined
    const live = new Set<number>()
    for (const edit of batchesIn(manifest)) if (!readEdit(new Varints(edit), live)) return undefined
    return live
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    return undefined
  }
}

/** One change of the set of tables, as LevelDB's version_edit.cc numbers its fields. @returns whether it is understood. */
function readEdit(edit: Varints, live: Set<number>): boolean {
  while (!edit.isAtEnd) {
    const field = edit.number()
    if (field === 1) edit.bytes(edit.number())
    else if (field === 2 || field === 3 || field === 4 || field === 9) edit.number()
    else if (field === 5 || field === 6 || field === 7) {
      edit.number() // its level
      if (field === 5) edit.bytes(edit.number())
      if (field === 6) live.delete(edit.number())
      if (field === 7) {
        live.add(edit.number())
        edit.number()
        edit.bytes(edit.number())
        edit.bytes(edit.number())
      }
    } else return false
  }
  return true
}

async function wrongInIndex(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(path, "r")
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    return undefined // LevelDB says that itself
  }
  try {
    const { size } = await file.stat()
    const end = Buffer.alloc(Math.min(FOOTER_BYTES, size))
    await file.read(end, 0, end.length, size - end.length)
    if (end.length < FOOTER_BYTES || end.subarray(-8).toString("hex") !== MAGIC) return "its end is missing"
    const footer = new Varints(end.subarray(0, -8))
    footer.handle()
    const index = footer.handle()
    if (index.offset + index.size + TRAILER_BYTES > size) return "its end names no index"
    const bytes = Buffer.alloc(index.size + TRAILER_BYTES)
    await file.read(bytes, 0, bytes.length, index.offset)
    if (readBlock(bytes, { offset: 0, size: index.size }) === undefined) return "its index has another checksum"
    return undefined
  } finally {
    await file.close()
  }
}

type Take = (key: Buffer, order: bigint, value: Buffer | undefined) => void

/** Every entry in the sound blocks of a table whose index is sound. Behind a key stand its order and its kind. */
function readTable(bytes: Buffer, take: Take): void {
  if (bytes.length < FOOTER_BYTES || bytes.subarray(-8).toString("hex") !== MAGIC) return
  const footer = new Varints(bytes.subarray(-FOOTER_BYTES, -8))
  footer.handle()
  const index = readBlock(bytes, footer.handle())
  for (const handle of index === undefined ? [] : handlesIn(index)) {
    const block = readBlock(bytes, handle)
    for (const [key, value] of block === undefined ? [] : entriesIn(block)) {
      const tag = key.readBigUInt64LE(key.length - 8)
      take(key.subarray(0, -8), tag >> 8n, (tag & 0xffn) === 1n ? value : undefined)
    }
  }
}

/** The batches in the sound records of a log, whole ones only. */
function* batchesIn(bytes: Buffer): Generator<Buffer> {
  let parts: Buffer[] | undefined
  for (let at = 0; at + LOG_HEADER_BYTES <= bytes.length; ) {
    const left = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES)
    const length = left < LOG_HEADER_BYTES ? left : bytes.readUInt16LE(at + 4)
    const end = at + LOG_HEADER_BYTES + length
    if (left < LOG_HEADER_BYTES || length > left - LOG_HEADER_BYTES) {
      at += left
      continue
    }
    if (end <= bytes.length && isRight(bytes.readUInt32LE(at), bytes.subarray(at + 6, end))) {
      const part = bytes.subarray(at + LOG_HEADER_BYTES, end)
      const kind = bytes[at + 6] // 1 whole, 2 first, 3 middle, 4 last
      if (kind === 1) yield part
      if (kind === 2) parts = [part]
      if (kind === 3 || kind === 4) parts?.push(part)
      if (kind === 4 && parts !== undefined) yield Buffer.concat(parts)
      if (kind === 1 || kind === 4) parts = undefined
    } else parts = undefined
    at = end
  }
}

/** Its checksum was right, so it is what LevelDB wrote. */
function readBatch(batch: Buffer, take: Take): void {
  const first = batch.readBigUInt64LE(0)
  const items = new Varints(batch.subarray(12))
  for (let order = first; !items.isAtEnd; order++) {
    const isPut = items.number() === 1
    const key = items.bytes(items.number())
    take(key, order, isPut ? items.bytes(items.number()) : undefined)
  }
}

function wrongInLog(bytes: Buffer): string | undefined {
  for (let at = 0; at < bytes.length; ) {
    const left = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES)
    if (left < LOG_HEADER_BYTES) {
      at += left
      continue
    }
    if (at + LOG_HEADER_BYTES > bytes.length) return undefined
    const length = bytes.readUInt16LE(at + 4)
    const end = at + LOG_HEADER_BYTES + length
    if (length > left - LOG_HEADER_BYTES) return `a record at byte ${at} reaches over its block`
    if (end > bytes.length) return undefined
    if (!isRight(bytes.readUInt32LE(at), bytes.subarray(at + 6, end)))
      return `the record at byte ${at} has another checksum`
    at = end
  }
  return undefined
}

function wrongInTable(bytes: Buffer): string | undefined {
  if (bytes.length < FOOTER_BYTES || bytes.subarray(-8).toString("hex") !== MAGIC) return "its end is missing"
  const footer = new Varints(bytes.subarray(-FOOTER_BYTES, -8))
  const [metaIndex, index] = [footer.handle(), footer.handle()]
  const indexBlock = readBlock(bytes, index)
  if (readBlock(bytes, metaIndex) === undefined || indexBlock === undefined) return "its index has another checksum"
  for (const handle of handlesIn(indexBlock)) {
    if (readBlock(bytes, handle) === undefined) return `the block at byte ${handle.offset} has another checksum`
  }
  return undefined
}

/** Where a block of a table is. */
interface Handle {
  readonly offset: number
  readonly size: number
}

interface Block {
  readonly contents: Buffer
  readonly compression: number
}

/** A block with its kind of compression; `undefined` if it is damaged. */
function readBlock(bytes: Buffer, { offset, size }: Handle): Block | undefined {
  if (offset + size + TRAILER_BYTES > bytes.length) return undefined
  const end = offset + size
  if (!isRight(bytes.readUInt32LE(end + 1), bytes.subarray(offset, end + 1))) return undefined
  return { contents: bytes.subarray(offset, end), compression: bytes[end] ?? 0 }
}

/** The values of an index block, which its checksum vouches for. */
function handlesIn(block: Block): Handle[] {
  return [...entriesIn(block)].map(([, value]) => new Varints(value).handle())
}

/** The keys and values of a block, which its checksum vouches for. */
function* entriesIn({ contents, compression }: Block): Generator<[Buffer, Buffer]> {
  const block = compression === SNAPPY ? uncompress(contents) : contents
  const restarts = block.readUInt32LE(block.length - 4)
  const entries = new Varints(block.subarray(0, block.length - 4 - 4 * restarts))
  let before = Buffer.alloc(0)
  while (!entries.isAtEnd) {
    const shared = entries.number()
    const [keyBytes, valueBytes] = [entries.number(), entries.number()]
    before = Buffer.concat([before.subarray(0, shared), entries.bytes(keyBytes)])
    yield [before, entries.bytes(valueBytes)]
  }
}

class Varints {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  handle(): Handle {
    return { offset: this.number(), size: this.number() }
  }

  bytes(length: number): Buffer {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** The bytes from here on. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }
}

function uncompress(compressed: Buffer): Buffer {
  const head = new Varints(compressed)
  const out = Buffer.alloc(head.number())
  const bytes = head.rest()
  let written = 0
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++] ?? 0
    if ((tag & 3) === 0) {
      const more = Math.max(0, (tag >> 2) - 59)
      const length = (more === 0 ? tag >> 2 : bytes.readUIntLE(at, more)) + 1
      bytes.copy(out, written, at + more, at + more + length)
      at += more + length
      written += length
      continue
    }
    const offsetBytes = (tag & 3) === 1 ? 1 : (tag & 3) === 2 ? 2 : 4
    const low = bytes.readUIntLE(at, offsetBytes)
    const offset = (tag & 3) === 1 ? ((tag >> 5) << 8) | low : low
    const length = (tag & 3) === 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1
    at += offsetBytes
    // One by one: what is copied may be what this very copy writes.
    for (let i = 0; i < length; i++, written++) out[written] = out[written - offset] ?? 0
  }
  return out
}

/** CRC-32C, as LevelDB stores it: turned, so that a checksum of bytes with checksums in them is of use. */
function isRight(stored: number, bytes: Buffer): boolean {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  crc = ~crc >>> 0
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  return masked === stored
}

/** Of the polynomial of Castagnoli, reflected. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})
