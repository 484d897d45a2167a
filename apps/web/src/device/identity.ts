import type { Random } from "@quire/base"
import { cleanName, type Person, readPerson } from "@quire/editor"

/** Where the person is kept on this device. */
const KEY = "quire.person"

/**
 * Colours that people are told apart by, all equally light: white text on them has a contrast of 4.5:1 or more, and a
 * thin caret of them one of 3:1 or more with the page, light and dark.
 */
export const PALETTE: readonly string[] = [
  "#d52862",
  "#d72d2d",
  "#bb5124",
  "#966818",
  "#617a14",
  "#158328",
  "#15805d",
  "#177c8c",
  "#2474bb",
  "#4669dc",
  "#8653de",
  "#bd27ca",
]

const ANIMALS: readonly string[] = [
  "Badger",
  "Bittern",
  "Curlew",
  "Dormouse",
  "Egret",
  "Finch",
  "Fox",
  "Grebe",
  "Hare",
  "Hedgehog",
  "Heron",
  "Ibis",
  "Kestrel",
  "Lapwing",
  "Linnet",
  "Lynx",
  "Marten",
  "Newt",
  "Nuthatch",
  "Otter",
  "Owl",
  "Pika",
  "Plover",
  "Puffin",
  "Raven",
  "Robin",
  "Seal",
  "Stoat",
  "Swift",
  "Tern",
  "Vole",
  "Wren",
]

/**
 * Who sits at this device, as others see them: a guest with one name and colour for all pages, the same after a reload,
 * or somebody whom the server knows.
 */
export class Identity {
  readonly #storage: () => Storage
  readonly #listeners = new Set<() => void>()
  #person: Person
  #known: Person | undefined

  /** @param storage may throw: browsers refuse storage in some settings; the person then lasts as long as the page. */
  constructor(storage: () => Storage, random: Random) {
    this.#storage = storage
    this.#person = this.#load() ?? newGuest(random)
    this.#keep()
  }

  /** The person: the same object until it changes. */
  readonly get = (): Person => this.#known ?? this.#person

  /** Takes the name and colour that the server knows the person by; `undefined`: they are the guest. */
  take(known: Person | undefined): void {
    const { name, color } = this.get()
    this.#known = known === undefined ? undefined : { name: known.name, color: known.color }
    const now = this.get()
    if (now.name !== name || now.color !== color) this.#tell()
  }

  /** Calls `listener` after the person changed. Returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes another name for the guest, cleaned as others will see it. A name of which nothing is left is not taken. */
  rename(name: string): void {
    const cleaned = cleanName(name)
    if (cleaned === "" || cleaned === this.#person.name) return
    this.#person = { ...this.#person, name: cleaned }
    this.#keep()
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #load(): Person | undefined {
    try {
      const kept: unknown = JSON.parse(this.#storage().getItem(KEY) ?? "null")
      return hasName(kept) ? readPerson(kept) : undefined
    } catch {
      return undefined // no storage, or not what we wrote: a new guest is the answer to both
    }
  }

  #keep(): void {
    try {
      this.#storage().setItem(KEY, JSON.stringify(this.#person))
    } catch {
      return // no storage: the name lasts as long as the page
    }
  }
}

function hasName(kept: unknown): boolean {
  return typeof kept === "object" && kept !== null && "name" in kept && cleanName(kept.name) !== ""
}

function newGuest(random: Random): Person {
  const pick = (items: readonly string[]): string => items[Math.floor(random.fraction() * items.length)] ?? ""
  return readPerson({ name: `Guest ${pick(ANIMALS)}`, color: pick(PALETTE) })
}
