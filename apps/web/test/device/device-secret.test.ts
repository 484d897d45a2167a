import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import { guestToken } from "../../src/device/device-secret.js"

/** What of a browser's storage is used here. */
function storageWith(kept?: string): Storage {
  const values = new Map(kept === undefined ? [] : [["quire.device", kept]])
  const used = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (k: string, v: string) => void values.set(k, v),
  }
  return used as unknown as Storage
}

const TOKEN = /^guest\.[A-Za-z0-9_-]{24}$/

it("makes a secret of 144 bits, the same after a reload and another on each device", () => {
  const storage = storageWith()
  const token = guestToken(() => storage, new SeededRandom(1))
  expect(token).toMatch(TOKEN)
  expect(guestToken(() => storage, new SeededRandom(2))).toBe(token)
  expect(guestToken(() => storageWith(), new SeededRandom(2))).not.toBe(token)
})

it("takes nothing for a secret that it did not write", () => {
  expect(guestToken(() => storageWith("<b>short</b>"), new SeededRandom(1))).toMatch(TOKEN)
})

it("makes one that lasts as long as the page where there is no storage", () => {
  const refuse = (): Storage => {
    throw new Error("storage is refused")
  }
  expect(guestToken(refuse, new SeededRandom(1))).toMatch(TOKEN)
})
