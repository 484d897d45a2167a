import type { ByteReader } from "./byte-reader.js"
import { LIMITS } from "./limits.js"

/** The type byte of an object in lib0's `any` encoding. */
export const ANY_OBJECT = 118

/** Passes over one value of lib0's `any` encoding (a type byte counting down from 127, then the value). */
export function skipAny(reader: ByteReader, depth = 0): void {
  if (depth > LIMITS.jsonDepth) throw reader.fault(`a value is nested deeper than ${LIMITS.jsonDepth}`)
  switch (reader.byte()) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return
    case 125: // integer
      return skipVarInt(reader)
    case 124: // 32-bit float
      reader.skip(4)
      return
    case 123: // 64-bit float
    case 122: // 64-bit integer
      reader.skip(8)
      return
    case 119:
      reader.skipString(LIMITS.stringBytes)
      return
    case ANY_OBJECT: {
      const keys = countedItems(reader)
      for (let i = 0; i < keys; i++) {
        reader.skipString(LIMITS.stringBytes)
        skipAny(reader, depth + 1)
      }
      return
    }
    case 117: {
      const items = countedItems(reader)
      for (let i = 0; i < items; i++) skipAny(reader, depth + 1)
      return
    }
    case 116:
      reader.skip(reader.varUint())
      return
    default:
      throw reader.fault("a value is of no known kind")
  }
}

/**
 * Passes over one string of JSON text, which readers will parse.
 *
 * @param also a text allowed beside JSON (Yjs writes `undefined` items of old arrays that way).
 */
export function skipJson(reader: ByteReader, also?: string): void {
  const text = reader.varString(LIMITS.stringBytes)
  if (text === "null" || text === "true" || text === "{}" || text === also) return
  if (isTooDeep(text)) throw reader.fault(`JSON is nested deeper than ${LIMITS.jsonDepth}`)
  try {
    JSON.parse(text)
  } catch {
    throw reader.fault("a string is not JSON")
  }
}

function countedItems(reader: ByteReader): number {
  const count = reader.varUint()
  if (count > reader.left) throw reader.fault(`it declares ${count} items and is too short`)
  return count
}

/** A signed integer: like `varUint`, with the sign in the second bit of the first byte. */
function skipVarInt(reader: ByteReader): void {
  let value = reader.byte()
  let magnitude = value & 0x3f
  let factor = 64
  while (value >= 0x80) {
    value = reader.byte()
    magnitude += (value & 0x7f) * factor
    factor *= 128
    if (magnitude > Number.MAX_SAFE_INTEGER) throw reader.fault("a number is larger than 2^53 − 1")
    if (factor > 2 ** 62) throw reader.fault("a number has too many bytes")
  }
}

/** Counts open brackets outside strings. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (inString) {
      if (character === "\\") i++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === "[" || character === "{") {
      if (++depth > LIMITS.jsonDepth) return true
    } else if (character === "]" || character === "}") depth--
  }
  return false
}
