import { BAD_NUMBERS, EDGE_NUMBERS, mutateBytes } from "./hostile-bytes.js"
import type { SeededRandom } from "./random.js"
import {
  type BlockModel,
  type Field,
  type Num,
  type NumberRole,
  readUpdate,
  StructFlag,
  StructKind,
  type StructModel,
  type UpdateModel,
  writeUpdate,
} from "./update-model.js"

/** What a generator of hostile updates is made with. */
export interface HostileUpdatesOptions {
  readonly random: SeededRandom
  /** Updates that Yjs wrote, about one document; at least one. */
  readonly seeds: readonly Uint8Array[]
  /** Per client id the next clock of the document that the updates are for. */
  readonly known: ReadonlyMap<number, number>
  /** Names of the document's roots. */
  readonly roots: readonly string[]
}

/** A generated update. */
export interface HostileUpdate {
  readonly bytes: Uint8Array
  /** How it came to be, for whoever reads a failure. */
  readonly how: "changed" | "written" | "noise"
}

/**
 * Makes updates that look more or less like Yjs's, forever, the same ones for the same seed. Three ways: real updates
 * with some fields changed; updates written field by field, out of what would hurt; and either with their bytes changed
 * without looking. Random bytes alone do not find what matters: most end at the first count.
 */
export class HostileUpdates {
  readonly #random: SeededRandom
  readonly #seeds: readonly Uint8Array[]
  readonly #models: readonly UpdateModel[]
  readonly #known: readonly (readonly [client: number, clock: number])[]
  readonly #roots: readonly string[]
  /** How much of what it writes is meant to hurt, 0 to 1: what hurts everywhere is refused at its first field. */
  #malice = 1

  constructor(options: HostileUpdatesOptions) {
    this.#random = options.random
    this.#seeds = options.seeds
    this.#models = options.seeds.map(readUpdate)
    this.#known = [...options.known]
    this.#roots = options.roots
  }

  next(): HostileUpdate {
    const choice = this.#random.below(10)
    this.#malice = this.#pick([0, 0.1, 0.5, 1])
    if (choice === 0) return { bytes: mutateBytes(this.#random, this.#pick(this.#seeds), this.#seeds), how: "noise" }
    const model = choice < 6 ? readUpdate(this.#pick(this.#seeds)) : this.#write()
    const how = choice < 6 ? "changed" : "written"
    for (let left = how === "changed" ? 1 + this.#random.below(4) : this.#random.below(2); left > 0; left--) {
      this.#change(model)
    }
    // Out of order it would be refused for that alone, so it is put in order more often than not.
    if (this.#chance(0.8)) model.blocks.sort((a, b) => (numberOf(b.client) ?? 0) - (numberOf(a.client) ?? 0))
    const bytes = writeUpdate(model)
    return this.#chance(0.05) ? { bytes: mutateBytes(this.#random, bytes, this.#seeds), how } : { bytes, how }
  }

  /** An update out of nothing. */
  #write(): UpdateModel {
    const clients = new Set(Array.from({ length: 1 + this.#random.below(3) }, () => this.#client()))
    const blocks = [...clients].map((client): BlockModel => {
      const next = this.#known.find(([known]) => known === client)?.[1] ?? 0
      const clock = this.#bad(0.2) ? this.#number() : next
      const structs = Array.from({ length: 1 + this.#random.below(5) }, () => this.#struct(client, next))
      return { client, clock, structs }
    })
    const deletions = Array.from({ length: this.#random.below(3) }, () => this.#deletions())
    return { blocks, deletions, rest: new Uint8Array() }
  }

  /** A struct of any kind, with any parent and neighbours. */
  #struct(client: number, clock: number): StructModel {
    const kind = this.#random.below(this.#bad(0.3) ? 13 : 10)
    const fields: Field[] = []
    if (kind === StructKind.Gc || kind >= StructKind.Skip) {
      return { header: kind, fields: [this.#field("length")] }
    }
    const origin = this.#chance(0.4) ? StructFlag.Origin : 0
    const rightOrigin = this.#chance(0.3) ? StructFlag.RightOrigin : 0
    const parentSub = this.#chance(0.3) ? StructFlag.ParentSub : 0
    if (origin !== 0) fields.push(...this.#id(client, clock))
    if (rightOrigin !== 0) fields.push(...this.#id(client, clock))
    if (origin === 0 && rightOrigin === 0) {
      const isRoot = this.#chance(0.6)
      fields.push({ kind: "number", role: "flag", value: isRoot ? 1 : 0 })
      if (isRoot) fields.push(this.#text(this.#pick(this.#roots)))
      else fields.push(...this.#id(client, clock))
      if (parentSub !== 0) fields.push(this.#text("key"))
    }
    fields.push(...this.#content(kind))
    return { header: kind | origin | rightOrigin | parentSub, fields }
  }

  #content(kind: number): Field[] {
    switch (kind) {
      case StructKind.Deleted:
        return [this.#field("length")]
      case StructKind.Json:
        return [{ kind: "number", role: "length", value: 1 }, this.#json()]
      case StructKind.Binary:
        return [this.#text("\u0001\u0002")]
      case StructKind.String:
        return [this.#text(this.#pick(["a", "ab", this.#bad(1) ? "" : "b", "🙂", "é", "a".repeat(200)]))]
      case StructKind.Embed:
        return [this.#json()]
      case StructKind.Format:
        return [this.#text(this.#pick(["bold", "__proto__", ""])), this.#json()]
      case StructKind.Type: {
        const value = this.#random.below(9)
        const name: Field[] = value === 3 || value === 5 ? [this.#text("p")] : []
        return [{ kind: "number", role: "type", value }, ...name]
      }
      case StructKind.Any: {
        const count = this.#bad(0.3) ? 0 : 1 + this.#random.below(3)
        const values = Array.from({ length: count }, (): Field => ({ kind: "raw", bytes: this.#any() }))
        return [{ kind: "number", role: "length", value: count }, ...values]
      }
      default:
        return [this.#text("guid"), { kind: "raw", bytes: this.#any() }]
    }
  }

  /** One change that knows what it changes. */
  #change(model: UpdateModel): void {
    const block = this.#maybe(model.blocks)
    const struct = this.#maybe(block?.structs ?? [])
    const client = numberOf(block?.client) ?? this.#client()
    const clock = numberOf(block?.clock) ?? 0
    switch (this.#random.below(14)) {
      case 0:
      case 1: {
        const field = this.#maybe((struct?.fields ?? []).filter((one) => one.kind === "number"))
        if (field?.kind === "number") field.value = this.#valueFor(field.role, field.value)
        return
      }
      case 2: {
        const field = this.#maybe((struct?.fields ?? []).filter((one) => one.kind === "bytes"))
        if (field?.kind !== "bytes") return
        if (this.#chance(0.3)) field.length = this.#num()
        else field.bytes = this.#oddBytes(field.bytes)
        return
      }
      case 3:
        if (struct !== undefined) struct.header = this.#header(struct.header)
        return
      case 4: // a struct for another
        if (block !== undefined && struct !== undefined) {
          block.structs[block.structs.indexOf(struct)] = this.#struct(client, clock)
        }
        return
      case 5: // a struct more: a new one, or one of another update
        block?.structs.splice(this.#random.below(block.structs.length + 1), 0, this.#foreignStruct(client, clock))
        return
      case 6: // a struct less, or twice
        if (block !== undefined && struct !== undefined) {
          const at = block.structs.indexOf(struct)
          if (this.#chance(0.5)) block.structs.splice(at, 1)
          else block.structs.splice(at, 0, copyOf(struct))
        }
        return
      case 7: // two structs change places
        block?.structs.reverse()
        return
      case 8: // another clock
        if (block !== undefined) block.clock = this.#valueFor("clock", block.clock)
        return
      case 9: // another client: most of all one that somebody else writes with
        if (block !== undefined) block.client = this.#chance(0.8) ? this.#client() : this.#num()
        return
      case 10: // a block less, or twice
        if (block === undefined) return
        if (this.#chance(0.4)) model.blocks.splice(model.blocks.indexOf(block), 1)
        else model.blocks.push({ ...block, structs: block.structs.map(copyOf) })
        return
      case 11:
        model.deletions.push(this.#deletions())
        return
      case 12: {
        const range = this.#maybe(this.#maybe(model.deletions)?.ranges ?? [])
        if (range === undefined) return
        if (this.#chance(0.5)) range.clock = this.#valueFor("clock", range.clock)
        else range.length = this.#valueFor("length", range.length)
        return
      }
      default:
        return this.#lie(model, block)
    }
  }

  /** A count that is not true, or an end that is none. */
  #lie(model: UpdateModel, block: BlockModel | undefined): void {
    const deletions = this.#maybe(model.deletions)
    switch (this.#random.below(5)) {
      case 0:
        model.blockCount = this.#num()
        return
      case 1:
        model.deletionsCount = this.#num()
        return
      case 2:
        if (block !== undefined) block.count = this.#num()
        return
      case 3:
        if (deletions !== undefined) deletions.count = this.#num()
        return
      default:
        model.rest = Uint8Array.of(this.#random.below(256))
    }
  }

  #foreignStruct(client: number, clock: number): StructModel {
    const structs = this.#pick(this.#models).blocks.flatMap((block) => block.structs)
    const foreign = this.#maybe(structs)
    return foreign === undefined || this.#chance(0.5) ? this.#struct(client, clock) : copyOf(foreign)
  }

  #header(header: number): number {
    if (this.#chance(0.5)) return (header & 0xe0) | this.#random.below(13)
    return header ^ this.#pick([StructFlag.Origin, StructFlag.RightOrigin, StructFlag.ParentSub])
  }

  #deletions(): { client: Num; ranges: { clock: Num; length: Num }[] } {
    const known = this.#maybe(this.#known)
    if (known === undefined || this.#bad(0.2)) {
      return { client: this.#client(), ranges: [{ clock: this.#num(), length: this.#num() }] }
    }
    const [client, next] = known
    const ranges = Array.from({ length: 1 + this.#random.below(3) }, () => {
      const clock = this.#random.below(next)
      return { clock, length: this.#bad(0.2) ? this.#number() : 1 + this.#random.below(next - clock) }
    })
    return { client, ranges }
  }

  /** An id to build on: something that is there, the struct itself, its own future, or nothing anybody has. */
  #id(client: number, clock: number): Field[] {
    const known = this.#maybe(this.#known)
    if (known === undefined || this.#bad(0.2)) {
      const at = this.#chance(0.7) ? clock + this.#random.below(4) : this.#number()
      return [
        { kind: "number", role: "client", value: this.#chance(0.7) ? client : this.#client() },
        { kind: "number", role: "clock", value: at },
      ]
    }
    return [
      { kind: "number", role: "client", value: known[0] },
      { kind: "number", role: "clock", value: this.#random.below(known[1] + (this.#bad(0.1) ? 3 : 0)) },
    ]
  }

  /** A client id: most often one that is in use. */
  #client(): number {
    const known = this.#maybe(this.#known)
    return known !== undefined && this.#chance(0.7) ? known[0] : this.#pick([0, 1, 7, 2 ** 32, 2 ** 53 - 1])
  }

  #field(role: NumberRole): Field {
    const value = this.#bad(0.3) ? this.#num() : 1 + this.#random.below(5)
    return { kind: "number", role, value }
  }

  #valueFor(role: NumberRole, before: Num): Num {
    const value = numberOf(before)
    if (value !== undefined && this.#chance(0.5)) return Math.max(0, value + this.#pick([-2, -1, 1, 2, 100]))
    if (role === "client") return this.#client()
    if (role === "flag" || role === "type") return this.#random.below(9)
    return this.#num()
  }

  #num(): Num {
    return this.#chance(0.2) ? this.#pick(BAD_NUMBERS) : this.#number()
  }

  #number(): number {
    return this.#chance(0.5) ? this.#pick(EDGE_NUMBERS) : this.#random.below(300)
  }

  #text(text: string): Field {
    const bytes = utf8(text)
    return { kind: "bytes", bytes: this.#bad(0.1) ? this.#oddBytes(bytes) : bytes }
  }

  #json(): Field {
    const deep = 1 + this.#random.below(60)
    const honest = ["null", "true", '{"a":[1,{}]}', '{"__proto__":{"admin":1}}', '"\\ud800"']
    const nested = "[".repeat(deep) + "]".repeat(deep)
    return this.#text(this.#pick(this.#bad(0.5) ? ["{", "undefined", "", "null null", nested] : honest))
  }

  #any(): Uint8Array {
    const deep = 1 + this.#random.below(60)
    const honest = [
      [126],
      [127],
      [125, 5],
      [119, 1, 97],
      [118, 1, 1, 97, 126],
      [117, 2, 126, 126],
      [116, 1, 0],
      [123, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
      [122, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ]
    const bad = [
      [125, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
      [117, 0xff, 0xff, 0xff, 0x0f],
      [99],
      [...Array.from({ length: deep }, () => [117, 1]).flat(), 126],
    ]
    return Uint8Array.from(this.#pick(this.#bad(0.3) ? bad : honest))
  }

  /** Bytes where text should be: broken UTF-8, half a surrogate pair, too much, nothing. */
  #oddBytes(bytes: Uint8Array): Uint8Array {
    const odd = [
      [0xc3, 0x28],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xc0, 0x80],
      [0xff],
      [],
      [0],
      [0xef, 0xbb, 0xbf],
    ]
    const choice = this.#random.below(odd.length + 2)
    if (choice === odd.length) return new Uint8Array(1_025).fill(0x61)
    if (choice === odd.length + 1) return bytes.slice(0, this.#random.below(bytes.length + 1))
    return Uint8Array.from([...bytes, ...(odd[choice] ?? [])])
  }

  /** Whether to write what hurts, where that is to happen in this part of the cases at most. */
  #bad(part: number): boolean {
    return this.#chance(part * this.#malice)
  }

  #chance(part: number): boolean {
    return this.#random.fraction() < part
  }

  #pick<T>(items: readonly T[]): T {
    return this.#random.pick(items)
  }

  #maybe<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : this.#random.pick(items)
  }
}

function numberOf(value: Num | undefined): number | undefined {
  return typeof value === "number" ? value : undefined
}

function copyOf(struct: StructModel): StructModel {
  return { header: struct.header, fields: struct.fields.map((field) => ({ ...field })) }
}

function utf8(text: string): Uint8Array {
  const parts = encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|./g)
  return Uint8Array.from(parts, ([part, hex]) => (hex === undefined ? part.charCodeAt(0) : Number.parseInt(hex, 16)))
}
