import { CloseCode } from "./close.js"
import { ProtocolError, type ProtocolErrorCode } from "./errors.js"
import { utf8Units } from "./utf8.js"

/**
 * Reads lib0's encoding out of untrusted bytes. Never reads past the end, never allocates more than it was given, and
 * reports every fault as a `ProtocolError` with the code it was made with.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #code: ProtocolErrorCode
  #position = 0

  constructor(bytes: Uint8Array, code: ProtocolErrorCode) {
    this.#bytes = bytes
    this.#code = code
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#position
  }

  /** One byte, 0 to 255. */
  byte(): number {
    const value = this.#bytes[this.#position++]
    if (value === undefined) throw this.fault("it ends too early")
    return value
  }

  /** The next byte without reading it, or `undefined` at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#position]
  }

  /** A whole number from 0 to 2^53 − 1: 7 bits a byte, lowest first, the high bit says that more follows. */
  varUint(): number {
    const first = this.byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    let factor = 128
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (value > Number.MAX_SAFE_INTEGER) throw this.fault("a number is larger than 2^53 − 1")
      if (byte < 0x80) return value
      factor *= 128
      if (factor > 2 ** 56) throw this.fault("a number has too many bytes")
    }
  }

  /** The next `length` bytes, as a view. */
  bytes(length: number): Uint8Array {
    const start = this.skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A length, then that many bytes, as a view. */
  varBytes(): Uint8Array {
    return this.bytes(this.varUint())
  }

  /** Passes over `length` bytes. @returns where they began. */
  skip(length: number): number {
    if (length > this.left) throw this.fault("it ends too early")
    const start = this.#position
    this.#position += length
    return start
  }

  /** A length in bytes, then that much UTF-8. */
  varString(limitBytes: number): string {
    const length = this.varUint()
    const start = this.#textStart(length, limitBytes)
    if (utf8Units(this.#bytes, start, start + length) < 0) throw this.fault("a string is not valid UTF-8")
    return utf8Text(this.#bytes, start, start + length)
  }

  /** Passes over a string. @returns its length in UTF-16 units, which is what Yjs counts. */
  skipString(limitBytes: number): number {
    const length = this.varUint()
    const start = this.#textStart(length, limitBytes)
    const units = utf8Units(this.#bytes, start, start + length)
    if (units < 0) throw this.fault("a string is not valid UTF-8")
    return units
  }

  /** 0 or 1. */
  flag(): boolean {
    const value = this.varUint()
    if (value > 1) throw this.fault(`a flag is ${value}`)
    return value === 1
  }

  /** Nothing may follow. */
  end(): void {
    if (this.left > 0) throw this.fault(`${this.left} bytes follow its end`)
  }

  /** The error for what was found here, to be thrown. */
  fault(what: string): ProtocolError {
    return new ProtocolError(this.#code, `malformed at byte ${this.#position}: ${what}`)
  }

  #textStart(length: number, limitBytes: number): number {
    if (length > limitBytes) {
      throw new ProtocolError(this.#code, `a string is ${length} bytes, limit ${limitBytes}`, {
        close: CloseCode.TooLarge,
      })
    }
    return this.skip(length)
  }
}

/** Text of bytes known to be valid UTF-8. */
function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  let text = ""
  for (let i = start; i < end; ) {
    const lead = bytes[i] ?? 0
    const at = (offset: number): number => (bytes[i + offset] ?? 0) & 0x3f
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      i += 1
    } else if (lead < 0xe0) {
      text += String.fromCharCode(((lead & 0x1f) << 6) | at(1))
      i += 2
    } else if (lead < 0xf0) {
      text += String.fromCharCode(((lead & 0x0f) << 12) | (at(1) << 6) | at(2))
      i += 3
    } else {
      text += String.fromCodePoint(((lead & 0x07) << 18) | (at(1) << 12) | (at(2) << 6) | at(3))
      i += 4
    }
  }
  return text
}
