/** Reads lib0's encoding. What it reads came from a server that is measured, not attacked: nothing is checked. */
export class Cursor {
  #bytes
  #at

  constructor(bytes, at) {
    this.#bytes = bytes
    this.#at = at
  }

  byte() {
    return this.#bytes[this.#at++]
  }

  varUint() {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  bytes(length) {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  get isAtEnd() {
    return this.#at >= this.#bytes.length
  }

  skip(length) {
    this.#at += length
  }
}
