import fc from "fast-check"
import { expect, it } from "vitest"
import { checksumOf, isSame } from "../src/device-copy-checksum.js"

it("agrees with the published values of FNV-1a", () => {
  const of = (text: string): number => checksumOf(new TextEncoder().encode(text))
  expect([of(""), of("a"), of("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968])
})

it("is the same for the same bytes, and bytes are the same only when all are", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      expect(isSame(a, b)).toBe(Buffer.from(a).equals(b))
      if (isSame(a, b)) expect(checksumOf(a)).toBe(checksumOf(b))
      expect(isSame(a, a.slice())).toBe(true)
    }),
  )
})
