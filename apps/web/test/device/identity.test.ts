import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { Identity, PALETTE } from "../../src/device/identity.js"

/** A browser's storage with this in it. */
function storageWith(kept?: string): Storage {
  const values = new Map<string, string>()
  if (kept !== undefined) values.set("quire.person", kept)
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
    clear: () => values.clear(),
    key: (index) => [...values.keys()][index] ?? null,
    get length() {
      return values.size
    },
  }
}

function open(storage: () => Storage, seed = 1): Identity {
  return new Identity(storage, new SeededRandom(seed))
}

describe("Identity", () => {
  it("makes a guest with a name and a colour of the palette, the same after a reload", () => {
    const storage = storageWith()
    const person = open(() => storage, 1).get()
    expect(person.name).toMatch(/^Guest [A-Z][a-z]+$/)
    expect(PALETTE).toContain(person.color)
    expect(open(() => storage, 2).get()).toEqual(person)
  })

  it("takes a name cleaned, tells its listeners once, and keeps it", () => {
    const storage = storageWith()
    const identity = open(() => storage)
    let told = 0
    const stop = identity.subscribe(() => told++)
    identity.rename("  Ada\n \u202eLovelace ")
    expect(identity.get().name).toBe("Ada Lovelace")
    identity.rename("Ada Lovelace")
    expect(told).toBe(1)
    stop()
    identity.rename("Ada")
    expect(told).toBe(1)
    expect(open(() => storage, 2).get()).toEqual(identity.get())
  })

  it.each(["", "   ", "\u202e"])("does not take the name %j", (name) => {
    const identity = open(storageWith)
    const before = identity.get()
    identity.rename(name)
    expect(identity.get()).toBe(before)
  })

  it.each(["", "{", "null", "7", '"Ada"', "[]", "{}", '{"name":7}', '{"name":" \\u202e"}'])(
    "makes a new guest where %s is kept",
    (kept) => {
      expect(open(() => storageWith(kept)).get().name).toMatch(/^Guest /)
    },
  )

  it("takes nothing harmful from what is kept", () => {
    const kept = JSON.stringify({ name: `A\u202e${"x".repeat(1_000)}`, color: "red;position:fixed", admin: true })
    const person = open(() => storageWith(kept)).get()
    expect(Object.keys(person).sort()).toEqual(["color", "name"])
    expect(person.name).toMatch(/^Ax{39}$/)
    expect(person.color).toMatch(/^#[0-9a-f]{6}$/)
  })

  it("is whom the server knows, and the guest again after that", () => {
    const storage = storageWith()
    const identity = open(() => storage)
    const guest = identity.get()
    let told = 0
    identity.subscribe(() => told++)
    identity.take({ name: "Anna", color: "#2474bb" })
    expect(identity.get()).toEqual({ name: "Anna", color: "#2474bb" })
    identity.take({ name: "Anna", color: "#2474bb" })
    expect(told).toBe(1)
    expect(open(() => storage, 2).get()).toEqual(guest)
    identity.take(undefined)
    expect([identity.get(), told]).toEqual([guest, 2])
  })

  it("lasts as long as the page where storage cannot be reached", () => {
    const identity = open(() => {
      throw new DOMException("denied", "SecurityError")
    })
    identity.rename("Ada")
    expect(identity.get().name).toBe("Ada")
  })

  it("lasts as long as the page where storage is full", () => {
    const full = {
      ...storageWith(),
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError")
      },
    }
    const identity = open(() => full)
    identity.rename("Ada")
    expect(identity.get().name).toBe("Ada")
  })
})
