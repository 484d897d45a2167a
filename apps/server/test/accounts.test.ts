import { DIRECTORY_LIMITS, type SignIn } from "@quire/storage"
import { FakeClock } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { PASSWORD_LENGTH, Passwords, wrongPassword } from "../src/auth/passwords.js"
import { cleanName, EMAIL_TEXT, NAME_TEXT } from "../src/auth/people.js"
import { Tries } from "../src/auth/tries.js"
import { INVITATION_MS } from "../src/http/people.js"
import { ADA, MembersWorld } from "./members.js"

/** Sessions, accounts, people and invitations over HTTP. */

const code = (name: string): object => ({ error: expect.objectContaining({ code: name }) })

describe("sessions", () => {
  it("are listed to their owner, and end one by one or all the others at once", async () => {
    const world = await MembersWorld.create()
    const [one, two, three] = [await world.person("bob"), await world.person("bob"), await world.person("bob")]
    const eve = await world.person("eve")
    const list = async (): Promise<{ id: string; isThis: boolean }[]> =>
      (await one.send("GET", "/api/sessions")).body.sessions as { id: string; isThis: boolean }[]
    const [first, second] = await list()
    expect(await list()).toHaveLength(3)
    expect(first).toEqual({
      id: first?.id,
      agent: "a test",
      isThis: true,
      createdMs: world.clock.now(),
      seenMs: world.clock.now(),
    })
    expect((await eve.send("DELETE", `/api/sessions/${second?.id}`)).status).toBe(404)
    expect((await one.send("DELETE", `/api/sessions/${second?.id}`)).status).toBe(204)
    expect((await two.send("GET", "/api/sessions")).status).toBe(401)
    expect((await one.send("DELETE", "/api/sessions")).status).toBe(204)
    expect((await three.send("GET", "/api/sessions")).status).toBe(401)
    expect(await list()).toHaveLength(1)
    expect((await eve.send("GET", "/api/sessions")).status).toBe(200)
  })

  it("end after 12 hours without use and 30 days in all, and not a millisecond before", async () => {
    const world = await MembersWorld.create()
    const bob = await world.person("bob")
    const isIn = async (): Promise<boolean> => (await bob.send("GET", "/api/sessions")).status === 200
    world.clock.advance(12 * 3_600_000 - 1)
    expect(await isIn()).toBe(true)
    world.clock.advance(12 * 3_600_000)
    expect(await isIn()).toBe(false)
    const again = await world.person("bob")
    for (let half = 0; half < 3 * 30 - 1; half++) {
      world.clock.advance(8 * 3_600_000)
      expect((await again.send("GET", "/api/sessions")).status).toBe(200)
    }
    world.clock.advance(8 * 3_600_000)
    expect((await again.send("GET", "/api/sessions")).status).toBe(401)
  })

  it("are fifty of an account: the one not used for longest makes room", async () => {
    const world = await MembersWorld.create()
    const first = await world.person("bob")
    for (let i = 0; i < 49; i++) {
      world.clock.advance(1)
      await world.person("bob")
    }
    expect((await first.send("GET", "/api/sessions")).body.sessions).toHaveLength(50)
    await world.person("bob")
    expect((await first.send("GET", "/api/sessions")).status).toBe(401)
  })

  it("of guests make room when there are too many, and never those of people with accounts", async () => {
    const world = await MembersWorld.create()
    const bob = await world.person("bob")
    const signIn = (n: number, account: string): SignIn => {
      const bytes = Buffer.alloc(32)
      bytes.writeUInt32BE(n + 1)
      const times = { createdMs: world.clock.now(), seenMs: world.clock.now() }
      const id = bytes.subarray(0, 16).toString("base64url")
      return { kind: "sign-in", id, secretHash: bytes, account, name: "", color: "", agent: "", links: [], ...times }
    }
    const most = DIRECTORY_LIMITS.signIns
    const others = Array.from({ length: most - 2 }, (_, n) => signIn(n, bob.id))
    const guest = { name: "G", color: "#123456", agent: "" }
    await world.log.directory.change({ put: others })
    const first = await world.members.signIns.startGuest(guest)
    const second = await world.members.signIns.startGuest(guest)
    expect(world.members.signIns.isGood(first.signIn.id)).toBe(false)
    expect(world.members.signIns.isGood(second.signIn.id)).toBe(true)
    expect((await bob.send("GET", "/api/session")).body.person).not.toBeNull()
    await world.log.directory.change({ remove: [second.signIn], put: [signIn(most, bob.id)] })
    await expect(world.members.signIns.startGuest(guest)).rejects.toMatchObject({ code: "QUIRE_DIRECTORY_FULL" })
    await world.person("eve")
    expect(world.log.directory.hasRoom("sign-in")).toBe(false)
  })

  it("have a cookie that only this host sets and only https carries, where there is https", async () => {
    const world = await MembersWorld.create()
    await world.owner()
    const request = new Request("https://quire.test/api/sign-in", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ADA),
    })
    const response = await world.app.fetch(request, {})
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-quire=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
    )
    expect(response.headers.get("strict-transport-security")).toBe("max-age=63072000")
  })
})

describe("tries to sign in", () => {
  it("are five a minute for an account and thirty for an address, also with the right password", async () => {
    const world = await MembersWorld.create()
    await world.owner()
    const guesser = world.browser()
    const { email, password } = ADA
    for (let i = 0; i < 5; i++) {
      expect(
        (await guesser.send("POST", "/api/sign-in", { body: { email, password: `guess number ${i}` } })).status,
      ).toBe(401)
    }
    const refused = await guesser.send("POST", "/api/sign-in", { body: { email, password } })
    expect(refused).toMatchObject({ status: 429, body: code("QUIRE_TOO_MANY_TRIES") })
    expect(refused.headers.get("retry-after")).toBe("12")
    expect((await world.browser().send("POST", "/api/sign-in", { body: { email, password } })).status).toBe(200)
    world.clock.advance(12_000)
    expect((await guesser.send("POST", "/api/sign-in", { body: { email, password } })).status).toBe(200)
    const sprayer = world.browser()
    const statuses = await Promise.all(
      Array.from({ length: 31 }, (_, i) =>
        sprayer.send("POST", "/api/sign-in", { body: { email: `p${i}@example.org`, password } }),
      ),
    )
    expect(statuses.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(1)
  })

  it("are forgotten by and by, the oldest first", () => {
    const clock = new FakeClock()
    const tries = new Tries(clock, 2)
    expect([tries.take("a"), tries.take("a"), tries.take("a"), tries.take("b")]).toEqual([0, 0, 30, 0])
    clock.advance(30_000)
    expect([tries.take("a"), tries.take("a")]).toEqual([0, 30])
    for (let i = 0; i < 20_000; i++) tries.take(`other ${i}`)
    expect(tries.waitSeconds("a")).toBe(0)
  })
})

describe("passwords", () => {
  it("are taken from 10 to 256 characters, whatever they are", () => {
    const { least, most } = PASSWORD_LENGTH
    const long = (length: number): string =>
      "abc漢🖋".repeat(length).slice(0, 0) + [..."abc漢🖋".repeat(length)].slice(0, length).join("")
    for (const length of [least, most]) expect(wrongPassword(long(length), [])).toBeUndefined()
    for (const length of [0, 1, least - 1, most + 1, 10 * most])
      expect(wrongPassword(long(length), [])).toMatch(/characters/)
    for (const common of ["1234567890", "PASSWORD123", "aaaaaaaaaaaa"])
      expect(wrongPassword(common, [])).toMatch(/first/)
    expect(wrongPassword("ada@example.org", ["Ada", "ada@example.org"])).toMatch(/own/)
    expect(wrongPassword("half a pair \ud800", [])).toMatch(/Unicode/)
  })

  it("are the same however their characters are composed, and another for everybody", async () => {
    const passwords = new Passwords()
    const [one, two] = await Promise.all([passwords.hash("caf\u00e9 au lait"), passwords.hash("caf\u00e9 au lait")])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(two).not.toBe(one)
    expect(await passwords.verify(one, "cafe\u0301 au lait")).toBe(true)
    expect(await passwords.verify(one, "cafe au lait")).toBe(false)
    for (const kept of [undefined, ""]) expect(await passwords.verify(kept, "nobody's password")).toBe(false)
  })

  it("are hashed a few at a time, all of them in the end, and no more wait than fit", async () => {
    const passwords = new Passwords()
    const all = await Promise.allSettled(Array.from({ length: 206 }, () => passwords.verify("not a hash", "x")))
    // What is no hash fails at once in the library: here only the turns are looked at.
    expect(all.filter((one) => one.status === "rejected" && one.reason.code === "QUIRE_BUSY")).toHaveLength(2)
    expect(await passwords.verify("", "x")).toBe(false)
  })

  it("are changed by whoever knows the old one, which ends all other sessions", async () => {
    const world = await MembersWorld.create()
    const ada = await world.owner()
    const other = world.browser()
    await other.send("POST", "/api/sign-in", { body: ADA })
    const change = (current: string, next: string) =>
      ada.send("POST", "/api/account/password", { body: { current, next } })
    expect(await change("wrong password", "another password")).toMatchObject({ status: 401 })
    expect(await change(ADA.password, "short")).toMatchObject({ status: 400, body: code("QUIRE_PASSWORD") })
    const before = ada.cookie
    expect((await change(ADA.password, "another password")).status).toBe(204)
    expect(ada.cookie).not.toBe(before)
    expect((await ada.send("GET", "/api/sessions")).body.sessions).toHaveLength(1)
    expect((await other.send("GET", "/api/sessions")).status).toBe(401)
    expect((await other.send("POST", "/api/sign-in", { body: ADA })).status).toBe(401)
    expect((await other.send("POST", "/api/sign-in", { body: { ...ADA, password: "another password" } })).status).toBe(
      200,
    )
  })
})

describe("names and addresses of people", () => {
  it("are cleaned of what is not seen, and bounded", () => {
    expect(cleanName(" A\u0000da\u202e \t\n Love\u200blace\ufeff ")).toBe("Ada Lovelace")
    expect(cleanName("e\u0301")).toBe("\u00e9")
    expect(cleanName("👩\u200d💻")).toBe("👩\u200d💻")
    for (const name of ["", " \u200b", "x".repeat(81), "x".repeat(810), 7])
      expect(NAME_TEXT.safeParse(name).success).toBe(false)
    expect(NAME_TEXT.safeParse("漢".repeat(80)).success).toBe(true)
    const long = (bytes: number): string => `${"x".repeat(bytes - 6)}@x.org`
    expect(EMAIL_TEXT.parse(" Ada@EXAMPLE.org ")).toBe("ada@example.org")
    expect(EMAIL_TEXT.safeParse(long(254)).success).toBe(true)
    for (const email of [long(255), long(2_540), "ada", "a@", "@b", "a b@c", "a@b@c", "a\u0000@b", 7]) {
      expect(EMAIL_TEXT.safeParse(email).success).toBe(false)
    }
  })
})

describe("people", () => {
  it("are invited by an administrator, for one address or for whoever has the link, once", async () => {
    const world = await MembersWorld.create()
    const ada = await world.owner()
    const invite = async (body: object): Promise<string> => {
      const answer = await ada.send("POST", "/api/invitations", { body })
      expect(answer).toMatchObject({ status: 201, body: { expiresMs: world.clock.now() + INVITATION_MS } })
      return String(answer.body.url).split("/join/").at(-1) ?? ""
    }
    const bob = world.browser()
    const secret = await invite({ email: "Bob@example.org" })
    expect((await bob.send("POST", "/api/invitations/open", { body: { secret } })).body).toEqual({
      invitedBy: ADA.name,
      email: "bob@example.org",
    })
    const person = { secret, name: "Bob", email: "bob@example.org", password: "the password of bob" }
    const accept = (body: object) => bob.send("POST", "/api/invitations/accept", { body })
    expect(await accept({ ...person, email: "eve@example.org" })).toMatchObject({
      status: 400,
      body: code("QUIRE_EMAIL_OTHER"),
    })
    expect(await accept(person)).toMatchObject({ status: 201, body: { name: "Bob", isAdmin: false, kind: "account" } })
    expect(await accept(person)).toMatchObject({ status: 404 })
    const open = await invite({})
    expect(await accept({ ...person, secret: open })).toMatchObject({ status: 409, body: code("QUIRE_EMAIL_TAKEN") })
    expect(await ada.send("POST", "/api/invitations", { body: { email: "bob@example.org" } })).toMatchObject({
      status: 409,
    })
    const answers = await Promise.all(
      ["x@example.org", "y@example.org"].map((email) =>
        world.browser().send("POST", "/api/invitations/accept", { body: { ...person, secret: open, email } }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404])
    const late = await invite({})
    const { body } = await ada.send("GET", "/api/invitations")
    expect(body.invitations).toHaveLength(1)
    expect(JSON.stringify(body)).not.toContain(late)
    world.clock.advance(INVITATION_MS)
    expect(await accept({ ...person, secret: late, email: "z@example.org" })).toMatchObject({ status: 404 })
  })

  it("are suspended and restored by an administrator, who cannot be suspended by oneself", async () => {
    const world = await MembersWorld.create()
    const ada = await world.owner()
    const bob = await world.person("bob")
    const suspend = (id: unknown, isSuspended: boolean) =>
      ada.send("PATCH", `/api/people/${id}`, { body: { isSuspended } })
    const people = (await ada.send("GET", "/api/people")).body.people as { id: string; email: string }[]
    expect(people.map(({ email }) => email).sort()).toEqual(["ada@example.org", "bob@example.org"])
    expect(await suspend(people.find(({ email }) => email === ADA.email)?.id, true)).toMatchObject({ status: 409 })
    expect(await suspend(bob.id, true)).toMatchObject({ status: 200, body: { isSuspended: true } })
    expect((await bob.send("GET", "/api/documents")).status).toBe(401)
    expect(await suspend(bob.id, false)).toMatchObject({ status: 200 })
    expect((await bob.send("GET", "/api/documents")).status).toBe(401) // restored, to sign in anew
    const { entries } = (await ada.send("GET", "/api/audit")).body as { entries: { what: string }[] }
    expect(entries.map(({ what }) => what)).toEqual([
      "person.restored",
      "person.suspended",
      "signed-in",
      "account.set-up",
    ])
    for (const path of ["/api/people", "/api/invitations", "/api/audit"]) {
      expect((await (await world.person("eve")).send("GET", path)).status).toBe(403)
      expect((await world.browser().send("GET", path)).status).toBe(401)
    }
  })
})

describe("a page of another site", () => {
  it("changes nothing with somebody's cookie, whatever it leaves out", async () => {
    const world = await MembersWorld.create()
    const bob = await world.person("bob")
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "http://localhost:3000" },
      { origin: "http://quire.test:81" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ] as Record<string, string>[]) {
      const refused = await bob.send("POST", "/api/documents", { body: { title: "x" }, headers })
      expect(refused).toMatchObject({ status: 403, body: code("QUIRE_ORIGIN") })
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const refused = await bob.send("POST", "/api/documents", {
        body: '{"title":"x"}',
        headers: { "content-type": type },
      })
      expect(refused).toMatchObject({ status: 415, body: code("QUIRE_NOT_JSON") })
    }
    const headers = { origin: "http://quire.test", "sec-fetch-site": "same-origin" }
    expect((await bob.send("POST", "/api/documents", { body: { title: "x" }, headers })).status).toBe(201)
  })
})
