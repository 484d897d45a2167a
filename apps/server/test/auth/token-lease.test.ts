import type { DocumentId } from "@quire/base"
import { settle } from "@quire/testing"
import { expect, it } from "vitest"
import { memberGate } from "../../src/auth/lease.js"
import { MembersWorld } from "../members.js"
import { CLAIMS, clockAtNow, hmac, NOW, verifierOf } from "./jwt-corpus.js"

const PLAN = "team/plan" as DocumentId // a name as any other

async function world(): Promise<{
  readonly clock: ReturnType<typeof clockAtNow>
  readonly gate: ReturnType<typeof memberGate>
}> {
  const clock = clockAtNow()
  const verifier = verifierOf(undefined, clock)
  const verifyToken = async (token: string) => {
    const verdict = await verifier.verify(token)
    return verdict.ok ? verdict.principal : undefined
  }
  const { members } = await MembersWorld.create({ clock, verifyToken })
  return { clock, gate: memberGate(members) }
}

async function enter(gate: ReturnType<typeof memberGate>, claims: object) {
  const answer = await gate(PLAN, { token: hmac(claims), cookie: "" })
  if (!answer.ok || answer.lease === undefined) throw new Error("it was not let in")
  const told: unknown[] = []
  answer.lease.watch((next) => told.push(next))
  return { lease: answer.lease, answer, told }
}

it("a connection ends with its token, 30 s of tolerance included, and not before", async () => {
  const { clock, gate } = await world()
  const { answer, told } = await enter(gate, CLAIMS)
  expect(answer).toMatchObject({ ok: true, rights: "write", identity: { name: "Ada" } })
  for (let second = 0; second < 629; second++) {
    clock.advance(1_000)
    await settle()
  }
  expect(told).toEqual([])
  clock.advance(1_001)
  await settle()
  expect(told).toMatchObject([{ ok: false, close: 4401 }])
})

it("a new token of the same person goes on where the old one ends; another person's changes nothing", async () => {
  const { clock, gate } = await world()
  const { lease, told } = await enter(gate, CLAIMS)
  expect(await lease.refresh(hmac({ ...CLAIMS, sub: "ben", exp: NOW + 9_000 }))).toMatchObject({ ok: false })
  expect(await lease.refresh("no token")).toMatchObject({ ok: false })
  expect(await lease.refresh(hmac({ ...CLAIMS, exp: NOW + 1_200 }))).toMatchObject({ ok: true, rights: "write" })
  for (let minute = 0; minute < 20; minute++) {
    clock.advance(60_000)
    await settle()
  }
  expect(told).toEqual([])
  clock.advance(31_000)
  await settle()
  expect(told).toMatchObject([{ ok: false, close: 4401 }])
})

it("a new token with a lower role lowers what one may do, and one with a higher raises it: the application signed it", async () => {
  const { gate } = await world()
  const { lease } = await enter(gate, CLAIMS)
  const as = (role: string): string => hmac({ ...CLAIMS, quire: { documents: { [PLAN]: role } } })
  expect(await lease.refresh(as("viewer"))).toMatchObject({ ok: true, rights: "read" })
  expect(await lease.refresh(as("editor"))).toMatchObject({ ok: true, rights: "write" })
  expect(await lease.refresh(hmac({ ...CLAIMS, quire: { documents: {} } }))).toMatchObject({ ok: false, close: 4403 })
})
