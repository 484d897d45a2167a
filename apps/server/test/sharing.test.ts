import { asUserId, type DocumentId } from "@quire/base"
import { CloseCode } from "@quire/protocol"
import type { GateAnswer } from "@quire/sync"
import { describe, expect, it } from "vitest"
import { memberGate } from "../src/auth/lease.js"
import { LINKS_OF_A_DOCUMENT } from "../src/http/sharing.js"
import { turn } from "./harness.js"
import { type Browser, MembersWorld } from "./members.js"

/** Roles, links, and how what changes about them reaches an open socket. */

const code = (name: string): object => ({ error: expect.objectContaining({ code: name }) })
const FORBIDDEN = "QUIRE_FORBIDDEN: there is no such document, or it is not shared with you"

async function worldOfTwo() {
  const world = await MembersWorld.create()
  const ada = await world.person("ada")
  const bob = await world.person("bob")
  const document = await world.document(ada)
  const give = async (role: string | null, to = bob.email): Promise<unknown> =>
    (await ada.send("PUT", `/api/access/${document}`, { body: { email: to, role } })).status
  const share = async (body: object): Promise<{ id: string; secret: string }> => {
    const answer = await ada.send("POST", `/api/links/${document}`, { body })
    expect(answer.status).toBe(201)
    const { id, url } = answer.body as { id: string; url: string } // asserted by its status
    expect(url).toMatch(/^http:\/\/quire\.test\/s\/[A-Za-z0-9_-]{43}$/)
    return { id, secret: url.split("/").at(-1) ?? "" }
  }
  const open = (browser: Browser, secret: string, more: object = {}) =>
    browser.send("POST", "/api/links/open", { body: { secret, ...more } })
  const roleOf = async (browser: Browser): Promise<unknown> =>
    (await browser.send("GET", `/api/documents/${document}`)).body.role
  return { world, ada, bob, document, give, share, open, roleOf }
}

describe("roles", () => {
  it("are given, changed and taken by the owner, and written down", async () => {
    const { ada, bob, document, give, roleOf } = await worldOfTwo()
    for (const role of ["viewer", "commenter", "editor", "owner"]) {
      expect(await give(role)).toBe(200)
      expect(await roleOf(bob)).toBe(role)
    }
    expect(await give("viewer", "ada@example.org")).toBe(200)
    expect(await roleOf(ada)).toBe("viewer")
    expect(await give(null)).toBe(403)
    const { body } = await bob.send("GET", `/api/audit/${document}`)
    const done = (body.entries as { what: string; detail: string }[]).map(({ what, detail }) => `${what} ${detail}`)
    const given = ["owner", "editor", "commenter", "viewer"].map((role) => `role.given ${role}`)
    expect(done).toEqual(["role.given viewer", ...given, "document.made "])
  })

  it("leave a document with an owner", async () => {
    const { ada, bob, give, document } = await worldOfTwo()
    for (const role of [null, "editor"]) {
      const answer = await ada.send("PUT", `/api/access/${document}`, { body: { email: ada.email, role } })
      expect(answer).toMatchObject({ status: 409, body: code("QUIRE_LAST_OWNER") })
    }
    await give("owner")
    await Promise.all(
      [ada, bob].map((one) => one.send("PUT", `/api/access/${document}`, { body: { email: one.email, role: null } })),
    )
    const seen = await Promise.all([ada, bob].map((one) => one.send("GET", `/api/access/${document}`)))
    const members = seen.find(({ status }) => status === 200)?.body.members
    expect(members).toMatchObject([{ role: "owner" }])
  })

  it("are not given to somebody who is not there, nor by other names", async () => {
    const { ada, give, document } = await worldOfTwo()
    expect(await give("editor", "nobody@example.org")).toBe(404)
    for (const role of ["Owner", "admin", "__proto__", 1, undefined]) {
      const answer = await ada.send("PUT", `/api/access/${document}`, { body: { email: "bob@example.org", role } })
      expect(answer.status).toBe(400)
    }
  })
})

describe("a share link", () => {
  it("makes a guest with a chosen name of whoever opens it, and only for its document", async () => {
    const { world, ada, document, share, open, roleOf } = await worldOfTwo()
    const other = await world.document(ada)
    const { secret } = await share({ role: "commenter" })
    const guest = world.browser()
    expect(await open(guest, secret, { name: "  Grace\u202e\n Hopper " })).toMatchObject({
      status: 200,
      body: { document, role: "commenter", title: "Plan" },
    })
    const { body } = await guest.send("GET", "/api/session")
    expect(body.person).toMatchObject({ kind: "guest", name: "Grace Hopper", isAdmin: false })
    expect(await roleOf(guest)).toBe("commenter")
    expect((await guest.send("GET", `/api/documents/${other}`)).status).toBe(404)
    expect((await guest.send("POST", "/api/documents", { body: { title: "x" } })).status).toBe(403)
    const patched = await guest.send("PATCH", "/api/account", { body: { name: "Amazing Grace" } })
    expect(patched.body).toMatchObject({ kind: "guest", name: "Amazing Grace" })
  })

  it("adds to what an account may, never takes, and goes along when a guest signs in", async () => {
    const { world, bob, give, share, open, roleOf } = await worldOfTwo()
    const { secret } = await share({ role: "commenter" })
    expect((await open(bob, secret)).body).toMatchObject({ role: "commenter" })
    expect(await roleOf(bob)).toBe("commenter")
    await give("editor")
    expect(await roleOf(bob)).toBe("editor")
    await give(null)
    expect(await roleOf(bob)).toBe("commenter")
    const account = world.log.directory.accountByEmail(bob.email)
    if (account === undefined) throw new Error("bob has an account")
    const guest = world.browser()
    await open(guest, secret)
    const before = world.members.signIns.ofCookie(guest.cookie)
    const { signIn } = await world.members.signIns.start(account, "", before)
    expect(signIn.links).toEqual(before?.links)
    expect(world.members.signIns.ofCookie(guest.cookie)).toBeUndefined()
  })

  it("asks for its password, and says no more to whoever has none", async () => {
    const { world, share, open, document } = await worldOfTwo()
    const { secret } = await share({ role: "viewer", password: "open sesame" })
    const guest = world.browser()
    expect(await open(guest, secret)).toMatchObject({ status: 401, body: code("QUIRE_LINK_PASSWORD") })
    expect(await open(guest, secret, { password: "wrong" })).toMatchObject({
      status: 401,
      body: code("QUIRE_LINK_PASSWORD"),
    })
    expect(guest.cookie).toBe("")
    expect(await open(guest, secret, { password: "open sesame" })).toMatchObject({ status: 200, body: { document } })
  })

  it("ends at its moment, after its views, and when it is revoked", async () => {
    const { world, ada, share, open, roleOf } = await worldOfTwo()
    const brief = await share({ role: "viewer", expiresMs: world.clock.now() + 10_000 })
    const once = await share({ role: "viewer", maxViews: 1 })
    const [one, two, three] = [world.browser(), world.browser(), world.browser()]
    expect((await open(one, brief.secret)).status).toBe(200)
    world.clock.advance(9_999)
    expect(await roleOf(one)).toBe("viewer")
    world.clock.advance(1)
    expect(await roleOf(one)).toBeUndefined()
    expect((await open(two, brief.secret)).status).toBe(404)
    const answers = await Promise.all([open(two, once.secret), open(three, once.secret)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
    const [opened] = answers[0]?.status === 200 ? [two] : [three]
    // It has been opened here: reloading the page is not another view.
    expect((await open(opened ?? two, once.secret)).status).toBe(200)
    expect((await ada.send("DELETE", `/api/link/${once.id}`)).status).toBe(204)
    expect(await roleOf(opened ?? two)).toBeUndefined()
    expect((await open(opened ?? two, once.secret)).status).toBe(404)
  })

  it("keeps no secret: neither the data folder nor a list of links has it", async () => {
    const { ada, document, share } = await worldOfTwo()
    const { secret } = await share({ role: "viewer" })
    expect(JSON.stringify((await ada.send("GET", `/api/access/${document}`)).body)).not.toContain(secret)
  })

  it("is not found by guessing: ten misses a minute from one address", async () => {
    const { world, share, open } = await worldOfTwo()
    const { secret } = await share({ role: "viewer" })
    const guesser = world.browser()
    for (let i = 0; i < 10; i++) expect((await open(guesser, `guess${i}`)).status).toBe(404)
    const refused = await open(guesser, secret)
    expect(refused).toMatchObject({ status: 429, body: code("QUIRE_TOO_MANY_TRIES") })
    expect(refused.headers.get("retry-after")).toBe("6")
    expect((await open(world.browser(), secret)).status).toBe(200)
    world.clock.advance(6_000)
    expect((await open(guesser, secret)).status).toBe(200)
  })

  it("has a bounded number of siblings, and only a role that a link may have", async () => {
    const { ada, document, share } = await worldOfTwo()
    for (const body of [{ role: "owner" }, { role: "viewer", maxViews: 0 }, { role: "viewer", expiresMs: 1 }, {}]) {
      expect((await ada.send("POST", `/api/links/${document}`, { body })).status).toBe(400)
    }
    for (let i = 0; i < LINKS_OF_A_DOCUMENT; i++) await share({ role: "viewer" })
    const refused = await ada.send("POST", `/api/links/${document}`, { body: { role: "viewer" } })
    expect(refused).toMatchObject({ status: 409, body: code("QUIRE_TOO_MANY_LINKS") })
  })
})

describe("a lease", () => {
  /** Bob at a document, and what he is told from then on. */
  async function watching(browser: Browser, world: MembersWorld, document: DocumentId) {
    const gate = memberGate(world.members)
    const answer = await gate(document, { token: "", cookie: browser.cookie })
    if (!answer.ok) throw new Error(answer.reason)
    const told: GateAnswer[] = []
    const stop = answer.lease?.watch((next) => told.push(next))
    const rights = async (): Promise<unknown[]> => {
      await turn()
      return told.splice(0).map((next) => (next.ok ? next.rights : next.close))
    }
    await rights()
    return { answer, rights, stop: () => stop?.() }
  }

  it("tells at once of every change of role, and stops with the last", async () => {
    const { world, bob, document, give } = await worldOfTwo()
    await give("editor")
    const { answer, rights } = await watching(bob, world, document)
    expect(answer).toMatchObject({ ok: true, rights: "write", identity: { name: "bob", color: "#123456" } })
    await give("viewer")
    expect(await rights()).toEqual(["read"])
    await give("viewer")
    expect(await rights()).toEqual([])
    await give("commenter")
    expect(await rights()).toEqual(["comment"])
    await give(null)
    expect(await rights()).toEqual([CloseCode.Forbidden])
    await give("editor")
    expect(await rights()).toEqual([])
    expect(world.clock.pending).toBe(0)
  })

  it("tells of a new name, of the end of the session, and of a suspension", async () => {
    const { world, bob, document, give } = await worldOfTwo()
    await give("editor")
    const first = await watching(bob, world, document)
    await bob.send("PATCH", "/api/account", { body: { name: "Bobby" } })
    expect(await first.rights()).toEqual(["write"])
    await bob.send("POST", "/api/sign-out", { body: {} })
    expect(await first.rights()).toEqual([CloseCode.Unauthorized])
    const again = await world.person("bob")
    const second = await watching(again, world, document)
    const account = world.log.directory.accountByEmail("bob@example.org")
    if (account === undefined) throw new Error("bob has an account")
    await world.log.directory.change({ put: [{ ...account, isSuspended: true }] })
    expect(await second.rights()).toEqual([CloseCode.Unauthorized])
    expect(world.clock.pending).toBe(0)
  })

  it("ends with the link it rests on: revoked, or expired at its moment", async () => {
    const { world, ada, document, share, open } = await worldOfTwo()
    const brief = await share({ role: "editor", expiresMs: world.clock.now() + 10_000 })
    const lasting = await share({ role: "viewer" })
    const guest = world.browser()
    await open(guest, brief.secret)
    await open(guest, lasting.secret)
    const { rights } = await watching(guest, world, document)
    world.clock.advance(9_999)
    expect(await rights()).toEqual([])
    world.clock.advance(1)
    expect(await rights()).toEqual(["read"])
    await ada.send("DELETE", `/api/link/${lasting.id}`)
    expect(await rights()).toEqual([CloseCode.Forbidden])
  })

  it("keeps a session alive while the socket is open, but not beyond its whole life", async () => {
    const { world, bob, document, give } = await worldOfTwo()
    await give("editor")
    const { rights } = await watching(bob, world, document)
    for (let hour = 1; hour < 30 * 24; hour++) {
      world.clock.advance(3_600_000)
      expect(await rights()).toEqual([])
    }
    world.clock.advance(3_600_000)
    await turn()
    world.clock.advance(1)
    expect(await rights()).toEqual([CloseCode.Unauthorized])
  })

  it("looks again every minute, so that a change nobody told of is seen", async () => {
    const { world, document } = await worldOfTwo()
    let expiresAtMs = world.clock.now() + 90_000
    const grants = new Map([[document, "viewer" as const]])
    const user = asUserId("jwt:x:eve")
    const token = { kind: "token", user, name: "Eve", color: "#000000", grants } as const
    const tokens = await MembersWorld.create({
      verifyToken: async (text) => (text === "good" ? { ...token, expiresAtMs } : undefined),
    })
    const answer = await memberGate(tokens.members)(document, { token: "good", cookie: "" })
    if (!answer.ok) throw new Error(answer.reason)
    const told: GateAnswer[] = []
    answer.lease?.watch((next) => told.push(next))
    await turn()
    tokens.clock.advance(60_000)
    await turn()
    expect(told).toEqual([])
    expect(await answer.lease?.refresh("bad")).toMatchObject({ ok: false, close: CloseCode.Unauthorized })
    expiresAtMs = tokens.clock.now() + 60_000
    expect(await answer.lease?.refresh("good")).toMatchObject({ ok: true, rights: "read" })
    tokens.clock.advance(59_999)
    await turn()
    expect(told).toEqual([])
    tokens.clock.advance(1)
    await turn()
    expect(told).toMatchObject([{ ok: false, close: CloseCode.Unauthorized }])
  })

  it("lets nobody in without a role, and does not say whether there is such a document", async () => {
    const { world, bob, document } = await worldOfTwo()
    const gate = memberGate(world.members)
    const forbidden = { ok: false, close: CloseCode.Forbidden, reason: FORBIDDEN }
    expect(await gate(document, { token: "", cookie: bob.cookie })).toEqual(forbidden)
    expect(await gate("absent" as DocumentId, { token: "", cookie: bob.cookie })).toEqual(forbidden)
    expect(Buffer.byteLength(FORBIDDEN)).toBeLessThanOrEqual(123)
    const nobody = await gate(document, { token: "", cookie: "" })
    expect(nobody).toMatchObject({ ok: false, close: CloseCode.Unauthorized })
    // A token that is no good is not made good by a cookie that is.
    expect(await gate(document, { token: "x", cookie: bob.cookie })).toEqual(nobody)
  })
})
