import type { DocumentId } from "@quire/base"
import { CloseCode } from "@quire/protocol"
import type { GateAnswer } from "@quire/sync"
import { describe, expect, it } from "vitest"
import { memberGate } from "../src/auth/lease.js"
import { RESET_MS } from "../src/auth/resets.js"
import { turn } from "./harness.js"
import { ADA, type Answer, type Browser, MembersWorld } from "./members.js"

/** From open mode: nobody owns it. */
const OLD = "old" as DocumentId // a valid name
const NEXT = "the next good password"
const code = (name: string) => ({ error: { code: name } })

/** A server with Ada, who looks after its people, and Bob, who has a password that he has lost. */
async function twoPeople() {
  const world = await MembersWorld.create()
  const { directory } = world.log
  const ada = await world.owner()
  const bob = await world.person("bob")
  const accountOf = (email: string) => {
    const found = directory.accountByEmail(email)
    if (found === undefined) throw new Error(`no account ${email}`)
    return found
  }
  const adaId = accountOf(ADA.email).id
  await directory.change({ put: [{ ...accountOf(bob.email), passwordHash: "lost" }] })
  const patch = (browser: Browser, id: string, body: object) => browser.send("PATCH", `/api/people/${id}`, { body })
  const makeReset = (browser: Browser, id: string) => browser.send("POST", `/api/people/${id}/reset`, { body: {} })
  const secretOf = ({ body }: Answer): string => String(body.url).split("/reset/").at(-1) ?? ""
  const use = (secret: string, password: string = NEXT, browser = world.browser()) =>
    browser.send("POST", "/api/resets/use", { body: { secret, password } })
  const signIn = (email: string, password: string) =>
    world.browser().send("POST", "/api/sign-in", { body: { email, password } })
  const deeds = async (): Promise<string[]> => {
    const entries = await directory.audit(undefined, 100)
    return entries.map(({ what, whom }) => `${what} ${whom}`).filter((line) => !line.startsWith("signed-in"))
  }
  return { world, directory, ada, adaId, bob, accountOf, patch, makeReset, secretOf, use, signIn, deeds }
}

describe("administrators", () => {
  it("make others administrators, and are made people again, at once and as the audit log says", async () => {
    const { ada, adaId, bob, patch, deeds } = await twoPeople()
    expect((await bob.send("GET", "/api/people")).status).toBe(403)
    expect(await patch(ada, bob.id, { isAdmin: true })).toMatchObject({ status: 200, body: { isAdmin: true } })
    expect((await bob.send("GET", "/api/people")).status).toBe(200)
    expect((await bob.send("GET", "/api/session")).body.person).toMatchObject({ isAdmin: true })
    expect(await patch(bob, adaId, { isAdmin: false })).toMatchObject({ status: 200, body: { isAdmin: false } })
    expect((await ada.send("GET", "/api/people")).status).toBe(403)
    expect(await patch(ada, bob.id, { isAdmin: false })).toMatchObject({ status: 403 })
    expect((await deeds()).slice(0, 2)).toEqual([`admin.unmade ${ADA.email}`, `admin.made ${bob.email}`])
  })

  it("are never none: the last who is not kept out stays one, also of two who act at once", async () => {
    const { world, ada, adaId, bob, accountOf, patch } = await twoPeople()
    const last = { status: 409, body: code("QUIRE_LAST_ADMIN") }
    expect(await patch(ada, adaId, { isAdmin: false })).toMatchObject(last)
    // One who is kept out does not count.
    expect(await patch(ada, bob.id, { isAdmin: true, isSuspended: true })).toMatchObject({ status: 200 })
    expect(await patch(ada, adaId, { isAdmin: false })).toMatchObject(last)
    await patch(ada, bob.id, { isSuspended: false })
    const again = await world.members.signIns.start(accountOf(bob.email), "", undefined)
    bob.cookie = `quire=${again.secret}`
    const both = await Promise.all([patch(ada, bob.id, { isAdmin: false }), patch(bob, adaId, { isAdmin: false })])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403])
    expect(world.log.directory.accounts().filter(({ isAdmin }) => isAdmin)).toHaveLength(1)
  })

  it("lose what they were to documents without an owner on open sockets too", async () => {
    const { world, ada, bob, patch } = await twoPeople()
    await world.log.catalogue.create({ document: OLD, kind: "page", title: "Old", timeMs: 1 })
    await patch(ada, bob.id, { isAdmin: true })
    expect((await bob.send("GET", "/api/documents/old")).status).toBe(200)
    const answer = await memberGate(world.members)(OLD, { token: "", cookie: bob.cookie })
    if (!answer.ok) throw new Error(answer.reason)
    const told: GateAnswer[] = []
    answer.lease?.watch((next) => told.push(next))
    await patch(ada, bob.id, { isAdmin: false })
    await turn()
    expect(told).toMatchObject([{ ok: false, close: CloseCode.Forbidden }])
    expect((await bob.send("GET", "/api/documents/old")).status).toBe(404)
  })

  it("say what is to change", async () => {
    const { ada, bob, patch } = await twoPeople()
    for (const body of [{}, { isAdmin: "yes" }, { isAdmin: 1 }, { isSuspended: null }]) {
      expect(await patch(ada, bob.id, body)).toMatchObject({ status: 400, body: code("QUIRE_BODY") })
    }
  })
})

describe("a link to choose a new password", () => {
  it("is made by an administrator, works once, and ends every session of the account", async () => {
    const { world, ada, bob, makeReset, secretOf, use, signIn, deeds } = await twoPeople()
    const made = await makeReset(ada, bob.id)
    expect(made).toMatchObject({ status: 201, body: { expiresMs: world.clock.now() + RESET_MS } })
    const secret = secretOf(made)
    expect(secret).toHaveLength(43)
    const opened = await world.browser().send("POST", "/api/resets/open", { body: { secret } })
    expect(opened.body).toEqual({ name: "bob", email: bob.email })
    expect(await use(secret, "short")).toMatchObject({ status: 400, body: code("QUIRE_PASSWORD") })
    const browser = world.browser()
    expect(await use(secret, NEXT, browser)).toMatchObject({ status: 200, body: { email: bob.email } })
    expect((await browser.send("GET", "/api/documents")).status).toBe(200)
    expect((await bob.send("GET", "/api/documents")).status).toBe(401)
    expect((await signIn(bob.email, NEXT)).status).toBe(200)
    expect(await use(secret)).toMatchObject({ status: 404 })
    expect((await deeds()).slice(0, 2)).toEqual([`reset.used ${bob.email}`, `reset.made ${bob.email}`])
  })

  it("of two who use it at once, serves one", async () => {
    const { ada, bob, makeReset, secretOf, use } = await twoPeople()
    const secret = secretOf(await makeReset(ada, bob.id))
    const both = await Promise.all([use(secret), use(secret, "another good password")])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404])
  })

  it("is good for a day, and only the newest of an account", async () => {
    const { world, ada, bob, makeReset, secretOf, use } = await twoPeople()
    const former = secretOf(await makeReset(ada, bob.id))
    const secret = secretOf(await makeReset(ada, bob.id))
    const open = async (one: string) =>
      (await world.browser().send("POST", "/api/resets/open", { body: { secret: one } })).status
    expect(await open(former)).toBe(404)
    world.clock.advance(RESET_MS - 1)
    expect(await open(secret)).toBe(200)
    world.clock.advance(1)
    expect(await open(secret)).toBe(404)
    expect((await use(secret)).status).toBe(404)
    world.clock.advance(10 * RESET_MS)
    expect(await open(secret)).toBe(404)
  })

  it.each<[string, (people: Awaited<ReturnType<typeof twoPeople>>) => Promise<unknown>]>([
    ["is kept out", ({ ada, bob, patch }) => patch(ada, bob.id, { isSuspended: true })],
    [
      "is kept out and let in again",
      async ({ ada, bob, patch }) => {
        await patch(ada, bob.id, { isSuspended: true })
        await patch(ada, bob.id, { isSuspended: false })
      },
    ],
    ["is made an administrator", ({ ada, bob, patch }) => patch(ada, bob.id, { isAdmin: true })],
    [
      "has changed the password after all",
      async ({ world, bob, accountOf, directory }) => {
        const passwordHash = await world.members.passwords.hash("what bob remembers")
        await directory.change({ put: [{ ...accountOf(bob.email), passwordHash }] })
        await bob.send("POST", "/api/account/password", { body: { current: "what bob remembers", next: NEXT } })
      },
    ],
  ])("is good for nothing once its person %s", async (_, happens) => {
    const people = await twoPeople()
    const secret = people.secretOf(await people.makeReset(people.ada, people.bob.id))
    await happens(people)
    expect(await people.use(secret, "yet another password")).toMatchObject({ status: 404 })
  })

  it("is not made for an administrator, for oneself, for who is kept out, or has no password here", async () => {
    const { ada, adaId, bob, accountOf, directory, patch, makeReset } = await twoPeople()
    expect(await makeReset(ada, adaId)).toMatchObject({ status: 409, body: code("QUIRE_RESET_ADMIN") })
    await patch(ada, bob.id, { isAdmin: true })
    expect(await makeReset(ada, bob.id)).toMatchObject({ status: 409, body: code("QUIRE_RESET_ADMIN") })
    await patch(ada, bob.id, { isAdmin: false, isSuspended: true })
    expect(await makeReset(ada, bob.id)).toMatchObject({ status: 409, body: code("QUIRE_SUSPENDED") })
    await patch(ada, bob.id, { isSuspended: false })
    await directory.change({ put: [{ ...accountOf(bob.email), passwordHash: "", external: "https://id.example 1" }] })
    expect(await makeReset(ada, bob.id)).toMatchObject({ status: 409, body: code("QUIRE_NO_PASSWORD") })
  })

  it("counts against guessing like every other link", async () => {
    const { world } = await twoPeople()
    const eve = world.browser()
    const guess = () => eve.send("POST", "/api/resets/open", { body: { secret: "x".repeat(43) } })
    for (let n = 0; n < 10; n++) expect((await guess()).status).toBe(404)
    expect((await guess()).status).toBe(429)
    expect((await eve.send("POST", "/api/resets/use", { body: { secret: "x", password: NEXT } })).status).toBe(429)
  })
})
