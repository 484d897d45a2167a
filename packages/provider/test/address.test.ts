import { expect, it } from "vitest"
import { roomAddress } from "../src/address.js"

it.each([
  ["ws://h/sync", "my-doc", "ws://h/sync/my-doc"],
  ["ws://h/sync/", "a/b c", "ws://h/sync/a/b%20c"],
  ["wss://h:1/sync?x=1#y", "ü?#%", "wss://h:1/sync/%C3%BC%3F%23%25?x=1"],
  ["ws://h", "a", "ws://h/a"],
])("puts the document after the base's path: %s, %s", (base, document, address) => {
  expect(roomAddress(base, document)).toBe(address)
})

it.each([
  ["ws://h/sync", ""],
  ["ws://h/sync", "x".repeat(257)],
  ["ws://h/sync", "a\u0000b"],
  ["ws://h/sync", "a/../b"],
  ["ws://h/sync", "."],
  ["http://h/sync", "a"],
  ["nowhere", "a"],
])("refuses what cannot be an address: %s, %j", (base, document) => {
  expect(() => roomAddress(base, document)).toThrow(TypeError)
})
