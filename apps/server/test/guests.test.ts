import type { DocumentId } from "@quire/base"
import { expect, it } from "vitest"
import { guestOf, openGate } from "../src/guests.js"

const SECRET = "pM3bT0yQxWlq9fH2-k_aZ7"

it("knows a guest by the secret of the device, and keeps nothing of it", () => {
  const guest = guestOf(`guest.${SECRET}`)
  expect(guest).toMatch(/^guest:[\w-]{22}$/)
  expect(guestOf(`guest.${SECRET}`)).toBe(guest)
  expect(guestOf(`guest.${SECRET}x`)).not.toBe(guest)
  expect(guest).not.toContain(SECRET.slice(0, 6))
})

it("takes every other token, and none, for nobody in particular", () => {
  const others = [
    "",
    SECRET,
    "guest.",
    "guest.short",
    `guest.${SECRET}!`,
    `guest.${"a".repeat(129)}`,
    `x guest.${SECRET}`,
  ]
  expect(others.map(guestOf)).toEqual(others.map(() => ""))
})

it("lets everybody write in open mode", async () => {
  expect(await openGate("notes" as DocumentId, { token: "", cookie: "" })).toEqual({
    ok: true,
    user: "",
    rights: "write",
  })
})
