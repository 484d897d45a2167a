import { crc32 } from "node:zlib"
import { corruptError, type StorageError } from "./errors.js"

/*
 * Every stored value is sealed: a version byte, fields, and the CRC-32 of all of it at the end. LevelDB can return
 * wrong bytes without an error, so nothing is believed before its seal and its bounds were checked. Whole numbers are
 * big-endian; texts are UTF-8 behind a 2-byte length, byte strings stand behind a 4-byte length.
 */

const UINT32 = 2 ** 32
/** A byte order mark is part of the text: a document's name may begin with one. */
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Bytes of the seal: the version before, the checksum after. */
export const SEAL_BYTES = 5
/** Bytes before a text. */
export const TEXT_PREFIX_BYTES = 2
/** Bytes before a byte string. */
export const BYTES_PREFIX_BYTES = 4

/** Writes one sealed value of a size known beforehand. Its callers keep numbers and lengths in range. */
export class SealWriter {
  readonly #bytes: Buffer
  #at = 1

  /**
   * @param version the layout's version, 1 to 255.
   * @param contentBytes exact size of what will be written, seal not included.
   */
  constructor(version: number, contentBytes: number) {
    this.#bytes = Buffer.allocUnsafe(contentBytes + SEAL_BYTES)
    this.#bytes[0] = version
  }

  u8(value: number): void {
    this.#bytes[this.#at++] = value
  }

  u16(value: number): void {
    this.#at = this.#bytes.writeUInt16BE(value, this.#at)
  }

  u32(value: number): void {
    this.#at = this.#bytes.writeUInt32BE(value, this.#at)
  }

  /** 8 bytes for a whole number from 0 to 2^53 − 1. */
  u53(value: number): void {
    this.u32(Math.floor(value / UINT32))
    this.u32(value % UINT32)
  }

  /** Bytes whose number the reader knows. */
  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Bytes behind their number. */
  bytes(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.raw(bytes)
  }

  /** Text behind its size. @param sizeBytes what `Buffer.byteLength` says of it. */
  text(value: string, sizeBytes: number): void {
    this.u16(sizeBytes)
    this.#at += this.#bytes.write(value, this.#at, "utf8")
  }

  /** The finished value. `checksum` is the one at its end. */
  seal(): { readonly value: Uint8Array; readonly checksum: number } {
    if (this.#at !== this.#bytes.length - 4) {
      throw new RangeError(`a sealed value of ${this.#at + 4} bytes was announced as ${this.#bytes.length}`)
    }
    const checksum = crc32(this.#bytes.subarray(0, this.#at))
    this.#bytes.writeUInt32BE(checksum, this.#at)
    return { value: this.#bytes, checksum }
  }
}

/** Reads one sealed value, checking version, checksum and every bound. Whatever is wrong is a `StorageError`. */
export class SealReader {
  /** The checksum at the value's end, verified. */
  readonly checksum: number
  readonly #bytes: Buffer
  readonly #end: number
  readonly #place: () => string
  #at = 1

  /**
   * @param value the stored bytes; byte strings read out of it are views of it.
   * @param place what is being read, for messages; called only when something is wrong.
   * @throws StorageError `QUIRE_STORAGE_CORRUPT`.
   */
  constructor(value: Uint8Array, version: number, place: () => string) {
    this.#bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#place = place
    this.#end = value.length - 4
    if (this.#end < 1) throw this.corrupt(`only ${value.length} bytes long`)
    this.checksum = this.#bytes.readUInt32BE(this.#end)
    const found = crc32(this.#bytes.subarray(0, this.#end))
    if (found !== this.checksum) throw this.corrupt(`checksum is ${hex32(found)}, stored as ${hex32(this.checksum)}`)
    if (this.#bytes[0] !== version) throw this.corrupt(`layout version is ${this.#bytes[0]}, known is ${version}`)
  }

  /** The error for something wrong in this value. */
  corrupt(reason: string): StorageError {
    return corruptError(this.#place(), reason)
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  u53(): number {
    const value = this.u32() * UINT32 + this.u32()
    if (!Number.isSafeInteger(value)) throw this.corrupt("a number is beyond 2^53 − 1")
    return value
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length)
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length)
  }

  bytes(): Uint8Array {
    return this.raw(this.u32())
  }

  text(): string {
    return this.utf8(this.raw(this.u16()))
  }

  /** Bytes read out of this value, as text. */
  utf8(bytes: Uint8Array): string {
    try {
      return text.decode(bytes)
    } catch {
      throw this.corrupt("a text is not UTF-8")
    }
  }

  /** Says that everything was read. */
  end(): void {
    if (this.#at !== this.#end) throw this.corrupt(`${this.#end - this.#at} bytes too many`)
  }

  #take(length: number): number {
    const at = this.#at
    if (at + length > this.#end) throw this.corrupt(`${at + length - this.#end} bytes too few`)
    this.#at = at + length
    return at
  }
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0")
}
