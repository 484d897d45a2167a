// What a Yjs update (v1) brings, read without Yjs: clocks by client. Servers may have merged or split what was sent, so
// its readers count letters, not messages.
import { Cursor } from "./cursor.mjs"

/** Kinds of content, in the low bits of a struct's first byte. */
const COLLECTED = 0
const DELETED = 1
const STRING = 4
const KIND_BITS = 0x1f
/** What neighbours a struct names. */
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_KEY = 0x20

/**
 * Calls `take(client, start, end)` for each client in the update, `end` left out. Clocks count UTF-16 units of text below
 * U+10000.
 *
 * @throws when the update holds anything but text and what is left of deleted text: nobody here sends that.
 */
export function readClocks(update, take) {
  const cursor = new Cursor(update, 0)
  const clients = cursor.varUint()
  for (let i = 0; i < clients; i++) {
    const structs = cursor.varUint()
    const client = cursor.varUint()
    const start = cursor.varUint()
    let end = start
    for (let j = 0; j < structs; j++) end += readStruct(cursor)
    take(client, start, end)
  }
}

/** Its length in clocks. */
function readStruct(cursor) {
  const first = cursor.byte()
  const kind = first & KIND_BITS
  if (kind === COLLECTED) return cursor.varUint()
  if (kind !== STRING && kind !== DELETED) throw new Error(`an update holds a struct of kind ${kind}, not text`)
  if ((first & HAS_ORIGIN) !== 0) skipId(cursor)
  if ((first & HAS_RIGHT_ORIGIN) !== 0) skipId(cursor)
  if ((first & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    const isRoot = cursor.byte() === 1
    if (isRoot) cursor.skip(cursor.varUint())
    else skipId(cursor)
    if ((first & HAS_KEY) !== 0) cursor.skip(cursor.varUint())
  }
  return kind === DELETED ? cursor.varUint() : utf16Length(cursor.bytes(cursor.varUint()))
}

function utf16Length(utf8) {
  let length = 0
  for (let i = 0; i < utf8.length; i++) if ((utf8[i] & 0xc0) !== 0x80) length++
  return length
}

function skipId(cursor) {
  cursor.varUint()
  cursor.varUint()
}
