import * as encoding from "lib0/encoding"
import { ByteReader } from "./byte-reader.js"
import { CloseCode } from "./close.js"
import { ProtocolError } from "./errors.js"
import { LIMITS } from "./limits.js"
import { ANY_OBJECT, skipAny, skipJson } from "./walk-values.js"

/**
 * One pass over a Yjs update's bytes (v1 encoding), before Yjs or anybody else sees them. It says what the update
 * brings and what it builds on, makes no objects of its content, and refuses what would harm a reader: counts that
 * cannot be true, structs of no length, strings and JSON that do not parse, a struct that builds on its own future.
 * What needs the document to judge (nesting, parents' types) is not seen here.
 *
 * The layout is that of yjs 13.6 `readUpdateV2` with `UpdateDecoderV1`: PROTOCOL.md has it as a grammar.
 */

/** Clocks `start` (included) to `end` (left out) of one client. */
export interface ClockRange {
  readonly client: number
  readonly start: number
  readonly end: number
}

/** A struct that builds on one of another client. */
export interface Crossing {
  /** The struct's client and clock. */
  readonly client: number
  readonly clock: number
  /** What it builds on: everything of client `named` below `end`. */
  readonly named: number
  readonly end: number
}

/** What an update's bytes say about it. */
export interface UpdateSummary {
  /** Structs it brings; a client's ranges are adjacent and ascending, a gap between them was a Skip. */
  readonly structs: readonly ClockRange[]
  /** What it deletes, including structs that arrive deleted. In the order of the bytes, may overlap. */
  readonly deletions: readonly ClockRange[]
  /** Per client the highest clock it builds on, plus one: origins, parents and deletions must be below it. */
  readonly names: ReadonlyMap<number, number>
  /**
   * Where a client's structs build on another client that the update may bring structs of, too: each time they build on
   * more than the structs before. In the order of the bytes, ascending for each client.
   */
  readonly crossings: readonly Crossing[]
  /** How many structs were read, for limits. */
  readonly structCount: number
}

/**
 * Reads what an update brings and builds on.
 *
 * @throws ProtocolError `QUIRE_UPDATE_MALFORMED`, or `QUIRE_UPDATE_TOO_LARGE` when it is over a limit.
 */
export function walkUpdate(update: Uint8Array): UpdateSummary {
  return new Walker(update).walk()
}

/**
 * The update without the structs of some clients. What is left may build on what was left out; deletions stay.
 *
 * @throws ProtocolError as `walkUpdate` does.
 */
export function withoutClients(update: Uint8Array, isLeftOut: (client: number) => boolean): Uint8Array {
  const blocks: Uint8Array[] = []
  let end = 0
  new Walker(update, (client, from, to) => {
    end = to
    if (!isLeftOut(client)) blocks.push(update.subarray(from, to))
  }).walk()
  if (end === 0) return update
  const out = encoding.createEncoder()
  encoding.writeVarUint(out, blocks.length)
  for (const block of blocks) encoding.writeUint8Array(out, block)
  encoding.writeUint8Array(out, update.subarray(end))
  return encoding.toUint8Array(out)
}

/** Struct kinds: the low five bits of a struct's first byte. */
const Ref = {
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

const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_PARENT_SUB = 0x20
/** Type refs run from YArray (0) to YXmlText (6); element (3) and hook (5) carry a name. */
const LAST_TYPE_REF = 6

class Walker {
  readonly #reader: ByteReader
  readonly #structs: ClockRange[] = []
  readonly #deletions: ClockRange[] = []
  readonly #names = new Map<number, number>()
  readonly #crossings: Crossing[] = []
  /** Per client what the block under way builds on so far. */
  #crossed = new Map<number, number>()
  #structCount = 0
  readonly #passed: ((client: number, from: number, to: number) => void) | undefined

  /** @param passed called behind each client's structs with where their bytes begin and end. */
  constructor(update: Uint8Array, passed?: (client: number, from: number, to: number) => void) {
    this.#passed = passed
    this.#reader = new ByteReader(update, "QUIRE_UPDATE_MALFORMED")
  }

  walk(): UpdateSummary {
    this.#structBlocks()
    this.#deleteSet()
    this.#reader.end()
    return {
      structs: this.#structs,
      deletions: this.#deletions,
      names: this.#names,
      crossings: this.#crossings,
      structCount: this.#structCount,
    }
  }

  #structBlocks(): void {
    const clients = this.#count(LIMITS.updateClients, "clients")
    let previous = Number.POSITIVE_INFINITY
    for (let i = 0; i < clients; i++) {
      const from = this.#reader.position
      const count = this.#count(LIMITS.updateStructs, "structs")
      const client = this.#reader.varUint()
      const clock = this.#reader.varUint()
      // Yjs writes clients in descending order and its merge of updates relies on it.
      if (client >= previous) throw this.#reader.fault("client ids are not in descending order")
      if (count === 0) throw this.#reader.fault("a client has no structs")
      previous = client
      this.#structCount += count
      this.#atMost(this.#structCount, LIMITS.updateStructs, "structs")
      this.#block(client, clock, count)
      this.#passed?.(client, from, this.#reader.position)
    }
  }

  #block(client: number, firstClock: number, count: number): void {
    let clock = firstClock
    let runStart = firstClock
    if (this.#crossed.size > 0) this.#crossed = new Map()
    for (let i = 0; i < count; i++) {
      const header = this.#reader.byte()
      if (header === Ref.Skip) {
        this.#push(this.#structs, client, runStart, clock)
        clock += this.#length()
        runStart = clock
      } else {
        const length = this.#struct(header, client, clock)
        const kind = header & 0x1f
        if (kind === Ref.Gc || kind === Ref.Deleted) this.#push(this.#deletions, client, clock, clock + length)
        clock += length
      }
      if (clock >= LIMITS.clock) throw this.#reader.fault(`clock ${clock} is over the limit ${LIMITS.clock}`)
    }
    this.#push(this.#structs, client, runStart, clock)
  }

  /** @returns how many clocks the struct takes, at least 1. */
  #struct(header: number, client: number, clock: number): number {
    const kind = header & 0x1f
    if (kind === Ref.Gc) {
      if (header !== Ref.Gc) throw this.#reader.fault("a collected struct has flags")
      return this.#length()
    }
    if ((header & HAS_ORIGIN) !== 0) this.#name(client, clock)
    if ((header & HAS_RIGHT_ORIGIN) !== 0) this.#name(client, clock)
    if ((header & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
      if (this.#reader.flag()) this.#reader.skipString(LIMITS.keyBytes)
      else this.#name(client, clock)
      if ((header & HAS_PARENT_SUB) !== 0) this.#reader.skipString(LIMITS.keyBytes)
    }
    return this.#content(kind)
  }

  #content(kind: number): number {
    const reader = this.#reader
    switch (kind) {
      case Ref.Deleted:
        return this.#length()
      case Ref.Json: {
        const length = this.#items()
        for (let i = 0; i < length; i++) skipJson(reader, "undefined")
        return length
      }
      case Ref.Binary:
        reader.skip(reader.varUint())
        return 1
      case Ref.String: {
        const units = reader.skipString(LIMITS.stringBytes)
        if (units === 0) throw reader.fault("a struct has no length")
        return units
      }
      case Ref.Embed:
        skipJson(reader)
        return 1
      case Ref.Format:
        reader.skipString(LIMITS.keyBytes)
        skipJson(reader)
        return 1
      case Ref.Type: {
        const type = reader.varUint()
        if (type > LAST_TYPE_REF) throw reader.fault(`shared type ${type} is not known`)
        if (type === 3 || type === 5) reader.skipString(LIMITS.keyBytes)
        return 1
      }
      case Ref.Any: {
        const length = this.#items()
        for (let i = 0; i < length; i++) skipAny(reader)
        return length
      }
      case Ref.Doc:
        reader.skipString(LIMITS.keyBytes)
        // Yjs reads options out of it, and throws if there is nothing to read them out of (yjs 13.6.33, measured).
        if (reader.peek() !== ANY_OBJECT) throw reader.fault("a subdocument's options are no object")
        skipAny(reader)
        return 1
      default:
        throw reader.fault(`struct kind ${kind} is not known`)
    }
  }

  #deleteSet(): void {
    const clients = this.#count(LIMITS.updateClients, "clients in its delete set")
    let total = 0
    for (let i = 0; i < clients; i++) {
      const client = this.#reader.varUint()
      const count = this.#count(LIMITS.updateDeletions, "deletions")
      total += count
      this.#atMost(total, LIMITS.updateDeletions, "deletions")
      for (let k = 0; k < count; k++) {
        const start = this.#reader.varUint()
        const end = start + this.#length()
        if (end > LIMITS.clock) throw this.#reader.fault(`clock ${end} is over the limit ${LIMITS.clock}`)
        this.#push(this.#deletions, client, start, end)
        this.#raise(client, end)
      }
    }
  }

  /** Reads an id that the struct at `clock` of `client` builds on. */
  #name(client: number, clock: number): void {
    const named = this.#reader.varUint()
    const at = this.#reader.varUint()
    // Yjs looks an own id up without asking whether it has it yet, and throws.
    if (named === client && at >= clock) throw this.#reader.fault("a struct builds on its own future")
    this.#raise(named, at + 1)
    if (named !== client && at >= (this.#crossed.get(named) ?? 0)) {
      this.#crossed.set(named, at + 1)
      this.#crossings.push({ client, clock, named, end: at + 1 })
    }
  }

  #raise(client: number, end: number): void {
    const known = this.#names.get(client)
    if (known === undefined || known < end) this.#names.set(client, end)
  }

  #push(list: ClockRange[], client: number, start: number, end: number): void {
    if (end > start) list.push({ client, start, end })
  }

  /** A count of things that each take at least two bytes (a struct, a client) or one (a deletion's number). */
  #count(limit: number, what: string): number {
    const count = this.#reader.varUint()
    this.#atMost(count, limit, what)
    if (count * 2 > this.#reader.left) throw this.#reader.fault(`it declares ${count} ${what} and is too short`)
    return count
  }

  /** Items of an array struct: each takes at least a byte. */
  #items(): number {
    const count = this.#length()
    if (count > this.#reader.left) throw this.#reader.fault(`it declares ${count} items and is too short`)
    return count
  }

  /** A length in clocks: Yjs accepts 0 and can then never load the document again (yjs 13.6.33, measured). */
  #length(): number {
    const length = this.#reader.varUint()
    if (length === 0) throw this.#reader.fault("a struct has no length")
    return length
  }

  #atMost(count: number, limit: number, what: string): void {
    if (count <= limit) return
    throw new ProtocolError("QUIRE_UPDATE_TOO_LARGE", `the update has ${count} ${what}, limit ${limit}`, {
      close: CloseCode.TooLarge,
      hint: "Send it in smaller pieces.",
    })
  }
}
