/**
 * A Yjs update (v1 encoding) taken apart into fields that can be changed one by one and written again, also into what
 * no Yjs would write. The layout is that of `packages/protocol/PROTOCOL.md`; it is read here a second time on purpose:
 * what tests the walker must not be made of it.
 */

/** A number of the encoding, or the bytes to write in its place: too many, too long, cut off. */
export type Num = number | Uint8Array

/** One field of a struct, behind its first byte. */
export type Field =
  /** A number, and what it is about. */
  | { readonly kind: "number"; readonly role: NumberRole; value: Num }
  /** Text or bytes behind their length; `length` lies about it. */
  | { readonly kind: "bytes"; bytes: Uint8Array; length?: Num }
  /** Bytes as they are. */
  | { readonly kind: "raw"; bytes: Uint8Array }

/** What a number in a struct says. */
export type NumberRole = "client" | "clock" | "length" | "flag" | "type"

/** One struct. */
export interface StructModel {
  /** Its first byte: kind and flags. */
  header: number
  fields: Field[]
}

/** The structs of one client. */
export interface BlockModel {
  client: Num
  clock: Num
  structs: StructModel[]
  /** How many it says there are, if that is a lie. */
  count?: Num
}

/** What is deleted of one client. */
export interface DeletionsModel {
  client: Num
  ranges: { clock: Num; length: Num }[]
  /** How many it says there are, if that is a lie. */
  count?: Num
}

/** An update. */
export interface UpdateModel {
  blocks: BlockModel[]
  deletions: DeletionsModel[]
  /** How many blocks it says there are, if that is a lie. */
  blockCount?: Num
  /** How many clients its delete set says there are, if that is a lie. */
  deletionsCount?: Num
  /** Bytes after its end. */
  rest: Uint8Array
}

/** Kinds of structs: the low five bits of a struct's first byte. */
export const StructKind = {
  Gc: 0,
  Deleted: 1,
  Json: 2,
  Binary: 3,
  String: 4,
  Embed: 5,
  Format: 6,
  Type: 7,
  Any: 8,
  Doc: 9,
  Skip: 10,
} as const

/** Flags in a struct's first byte. */
export const StructFlag = { Origin: 0x80, RightOrigin: 0x40, ParentSub: 0x20 } as const

/** The bytes of a model. */
export function writeUpdate(model: UpdateModel): Uint8Array {
  const out: number[] = []
  writeNum(out, model.blockCount ?? model.blocks.length)
  for (const block of model.blocks) {
    writeNum(out, block.count ?? block.structs.length)
    writeNum(out, block.client)
    writeNum(out, block.clock)
    for (const struct of block.structs) {
      out.push(struct.header & 0xff)
      for (const field of struct.fields) writeField(out, field)
    }
  }
  writeNum(out, model.deletionsCount ?? model.deletions.length)
  for (const { client, ranges, count } of model.deletions) {
    writeNum(out, client)
    writeNum(out, count ?? ranges.length)
    for (const { clock, length } of ranges) {
      writeNum(out, clock)
      writeNum(out, length)
    }
  }
  append(out, model.rest)
  return Uint8Array.from(out)
}

/**
 * Takes apart an update that Yjs wrote.
 *
 * @throws RangeError for anything else.
 */
export function readUpdate(bytes: Uint8Array): UpdateModel {
  const reader = new Reader(bytes)
  const blocks: BlockModel[] = []
  for (let left = reader.number(); left > 0; left--) {
    const count = reader.number()
    const client = reader.number()
    const clock = reader.number()
    blocks.push({ client, clock, structs: Array.from({ length: count }, () => readStruct(reader)) })
  }
  const deletions: DeletionsModel[] = []
  for (let left = reader.number(); left > 0; left--) {
    const client = reader.number()
    const count = reader.number()
    const ranges = Array.from({ length: count }, () => ({ clock: reader.number(), length: reader.number() }))
    deletions.push({ client, ranges })
  }
  return { blocks, deletions, rest: reader.rest() }
}

/** 7 bits a byte, lowest first, as lib0 writes a number from 0 to 2^53 − 1. */
export function varUint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  while (left >= 128) {
    bytes.push((left % 128) + 128)
    left = Math.floor(left / 128)
  }
  bytes.push(left)
  return bytes
}

function readStruct(reader: Reader): StructModel {
  const header = reader.byte()
  const kind = header & 0x1f
  const fields: Field[] = []
  const number = (role: NumberRole): number => {
    const value = reader.number()
    fields.push({ kind: "number", role, value })
    return value
  }
  const bytes = (): void => {
    fields.push({ kind: "bytes", bytes: reader.bytes(reader.number()) })
  }
  const raw = (read: () => void): void => {
    fields.push({ kind: "raw", bytes: reader.taken(read) })
  }
  const id = (): void => {
    number("client")
    number("clock")
  }
  if (kind === StructKind.Gc || kind === StructKind.Skip) {
    number("length")
    return { header, fields }
  }
  if ((header & StructFlag.Origin) !== 0) id()
  if ((header & StructFlag.RightOrigin) !== 0) id()
  if ((header & (StructFlag.Origin | StructFlag.RightOrigin)) === 0) {
    if (number("flag") === 1) bytes()
    else id()
    if ((header & StructFlag.ParentSub) !== 0) bytes()
  }
  switch (kind) {
    case StructKind.Deleted:
      number("length")
      break
    case StructKind.Json:
      for (let left = number("length"); left > 0; left--) bytes()
      break
    case StructKind.Binary:
    case StructKind.String:
    case StructKind.Embed:
      bytes()
      break
    case StructKind.Format:
      bytes()
      bytes()
      break
    case StructKind.Type: {
      const type = number("type")
      if (type === 3 || type === 5) bytes()
      break
    }
    case StructKind.Any:
      for (let left = number("length"); left > 0; left--) raw(() => reader.any())
      break
    case StructKind.Doc:
      bytes()
      raw(() => reader.any())
      break
    default:
      throw new RangeError(`struct kind ${kind}`)
  }
  return { header, fields }
}

/** Reads bytes that Yjs wrote. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw new RangeError("the update ends too early")
    return value
  }

  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError("the update ends too early")
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  /** The bytes that `read` passes over. */
  taken(read: () => void): Uint8Array {
    const from = this.#at
    read()
    return this.#bytes.slice(from, this.#at)
  }

  rest(): Uint8Array {
    return this.#bytes.slice(this.#at)
  }

  /** Passes over one of lib0's `any` values. */
  any(): void {
    const type = this.byte()
    if (type === 125) while (this.byte() >= 0x80);
    if (type === 124) this.bytes(4)
    if (type === 123 || type === 122) this.bytes(8)
    if (type === 119 || type === 116) this.bytes(this.number())
    if (type === 118) {
      for (let left = this.number(); left > 0; left--) {
        this.bytes(this.number())
        this.any()
      }
    }
    if (type === 117) for (let left = this.number(); left > 0; left--) this.any()
  }
}

function writeField(out: number[], field: Field): void {
  if (field.kind === "number") return writeNum(out, field.value)
  if (field.kind === "bytes") writeNum(out, field.length ?? field.bytes.length)
  append(out, field.bytes)
}

function writeNum(out: number[], value: Num): void {
  append(out, typeof value === "number" ? varUint(value) : value)
}

function append(out: number[], bytes: Iterable<number>): void {
  for (const byte of bytes) out.push(byte)
}
