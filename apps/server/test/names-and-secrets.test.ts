import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { type DocumentId, parseDocumentId } from "@quire/base"
import { describe, expect, it } from "vitest"
import { loggedPath } from "../src/http/problem.js"
import { temporaryFolder } from "./harness.js"
import { ADA, type Answer, MembersWorld } from "./members.js"

/** T-NAME and T-SECRET: names lead to their own document only, and secrets are told once. */

const ROUTES = ["/api/documents/", "/api/access/", "/api/audit/"]

/** Pairs that a sloppy server takes for each other, and ends of ranges. */
const NAMES = [
  "a",
  "a/b",
  "a%2Fb",
  "a%252Fb",
  "A",
  "ab",
  "a.",
  "..a",
  "a\\b",
  "../a",
  "open",
  "\u0430", // Cyrillic
  "e\u0301",
  "\u00e9",
  "\uff41",
  "\u00ff",
  "\u{10ffff}",
  "\ufeffa",
  " a",
  "a ",
  "__proto__",
  "constructor",
  "x".repeat(255),
  "x".repeat(256),
]

describe("names", () => {
  it("[T-NAME] lead to their own document and no other, on every route", async () => {
    const world = await MembersWorld.create()
    const ada = await world.person("ada")
    const bob = await world.person("bob")
    for (const [i, name] of NAMES.entries()) {
      const parsed = parseDocumentId(name)
      if (!parsed.ok) throw new Error(parsed.reason)
      const user = `account:${i % 2 === 0 ? ada.id : bob.id}`
      await world.log.directory.change({
        put: [{ kind: "access", document: parsed.id, members: [{ user, role: "owner" }] }],
      })
      await world.log.catalogue.create({ document: parsed.id, kind: "page", title: `title ${i}`, timeMs: 1 })
    }
    for (const [i, name] of NAMES.entries()) {
      const [mine, other] = i % 2 === 0 ? [ada, bob] : [bob, ada]
      const path = `/api/documents/${encodeURIComponent(name)}`
      expect((await mine.send("GET", path)).body).toMatchObject({ id: name, title: `title ${i}`, role: "owner" })
      for (const route of ROUTES) {
        expect((await other.send("GET", `${route}${encodeURIComponent(name)}`)).status).toBe(404)
      }
    }
    expect((await ada.send("GET", "/api/documents")).body.documents).toHaveLength(NAMES.length / 2)
  })

  it.each([
    "%",
    "%2",
    "%FF",
    "%C0%AF",
    "%ED%A0%80",
    "a%00b",
    "a%0Ab",
    "a%7F",
    "%C2%80",
    "x".repeat(257),
    "x".repeat(10_240),
    "%F0%9F%96%8B".repeat(65),
  ])("[T-NAME] are none: %j", async (encoded) => {
    const world = await MembersWorld.create()
    const ada = await world.person("ada")
    for (const route of ROUTES) {
      const answer = await ada.send("GET", `${route}${encoded}`)
      expect(answer).toMatchObject({ status: 400, body: { error: { code: "QUIRE_NAME" } } })
    }
  })

  it.each([
    "..",
    "%2e%2e",
    "../documents/a",
    "%2e%2e%2fa",
    "%252e%252e%252fa",
    "a/../b",
    "..%5ca",
    "./",
    "/",
    "a%2f..%2f..%2f",
  ])("[T-NAME] climb nowhere: %j", async (encoded) => {
    const world = await MembersWorld.create()
    const ada = await world.person("ada")
    const a = "a" as DocumentId // a valid name
    await world.log.catalogue.create({ document: a, kind: "page", title: "A", timeMs: 1 })
    for (const route of ROUTES) {
      const answer = await ada.send("GET", `${route}${encoded}`)
      // A browser has tidied some of them to the list of one's own documents.
      if (answer.status === 200) expect(answer.body).toEqual({ documents: [] })
      else expect([400, 404, 403]).toContain(answer.status)
    }
  })
})

describe("secrets", () => {
  it("[T-SECRET] are in no log line, no error, no list, and not on disk", async () => {
    const folder = await temporaryFolder()
    const world = await MembersWorld.create({ folder })
    const answers: Answer[] = []
    const canaries: string[] = []
    const secret = (text: unknown): string => {
      canaries.push(String(text))
      return String(text)
    }
    const ada = world.browser()
    const tell = async (sent: Promise<Answer>, isTold = false): Promise<Answer> => {
      const answer = await sent
      if (!isTold) answers.push(answer)
      return answer
    }
    const password = secret("canary password one")
    const setUp = { ...ADA, password, secret: secret(world.members.setUp.secret) }
    await tell(world.browser().send("POST", "/api/setup", { body: { ...setUp, email: `no address ${password}` } }))
    await tell(world.browser().send("POST", "/api/setup", { body: { ...setUp, password: secret("canary") } }))
    await tell(ada.send("POST", "/api/setup", { body: setUp }))
    secret(ada.cookie.split("=")[1])
    for (const body of [{ email: ADA.email, password: secret("canary password two") }, `{"password":"${password}"`]) {
      await tell(ada.send("POST", "/api/sign-in", { body }))
    }
    const { body: made } = await tell(ada.send("POST", "/api/documents", { body: { title: "Plan" } }))
    const linkPassword = secret("canary link password")
    const link = await tell(
      ada.send("POST", `/api/links/${made.id}`, { body: { role: "viewer", password: linkPassword } }),
      true,
    )
    const linkSecret = secret(String(link.body.url).split("/").at(-1))
    const invited = await tell(ada.send("POST", "/api/invitations", { body: { email: "bob@example.org" } }), true)
    const invitation = secret(String(invited.body.url).split("/").at(-1))
    const guest = world.browser()
    for (const tried of [undefined, secret("canary wrong password"), linkPassword]) {
      await tell(guest.send("POST", "/api/links/open", { body: { secret: linkSecret, password: tried } }))
    }
    secret(guest.cookie.split("=")[1])
    const bob = await world.person("bob")
    const account = world.log.directory.account(bob.id)
    if (account !== undefined) await world.log.directory.change({ put: [{ ...account, passwordHash: "a hash" }] })
    const { body: reset } = await ada.send("POST", `/api/people/${bob.id}/reset`, { body: {} })
    const resetSecret = secret(String(reset.url).split("/reset/").at(-1))
    await tell(guest.send("POST", "/api/resets/open", { body: { secret: resetSecret } }))
    await tell(guest.send("POST", "/api/resets/use", { body: { secret: resetSecret, password: "short" } }))
    await tell(guest.send("POST", "/api/invitations/open", { body: { secret: invitation } }))
    await tell(
      guest.send("POST", "/api/invitations/accept", {
        body: { secret: invitation, name: "B", email: "e@x.org", password },
      }),
    )
    const headers = { authorization: `Bearer ${secret("canary.token.one")}` }
    for (const path of ["/api/session", "/api/documents", `/api/documents/${made.id}`]) {
      await tell(world.browser().send("GET", path, { headers }))
    }
    for (const path of [
      "/api/session",
      "/api/sessions",
      "/api/people",
      "/api/invitations",
      "/api/audit",
      "/api/documents",
      `/api/access/${made.id}`,
      `/api/audit/${made.id}`,
      `/s/${linkSecret}`,
      `/join/${invitation}`,
      `/reset/${resetSecret}`,
    ]) {
      await tell(ada.send("GET", path))
    }
    // And when the server itself fails at it.
    await world.log.close()
    for (const path of ["/api/documents", `/api/documents/${made.id}?token=${headers.authorization}`]) {
      expect((await tell(ada.send("GET", path))).status).toBe(503)
    }
    expect(canaries.every((canary) => canary.length >= 6)).toBe(true)
    const said = [...world.lines, ...answers.map(({ body }) => JSON.stringify(body))]
    for (const canary of canaries) expect(said.filter((text) => text.includes(canary))).toEqual([])
    expect(world.lines.length).toBeGreaterThan(0)
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    let bytes = 0
    for (const file of files.filter((entry) => entry.isFile())) {
      const content = await readFile(join(file.parentPath, file.name))
      bytes += content.length
      // LevelDB may compress: what is short and random it leaves as it is.
      for (const canary of canaries) expect(content.includes(canary), `${file.name} has ${canary}`).toBe(false)
    }
    expect(bytes).toBeGreaterThan(1_000)
  })

  it("[T-SECRET] at the end of an address are not logged", () => {
    expect(["/s/abc", "/setup/abc", "/join/abc/d", "/reset/abc", "/s/a\nb"].map(loggedPath)).toEqual([
      "/s/…",
      "/setup/…",
      "/join/…",
      "/reset/…",
      "/s/…",
    ])
    expect(loggedPath("/api/documents/notes")).toBe("/api/documents/notes")
    expect(loggedPath(`/${"x".repeat(1_000)}`)).toHaveLength(200)
  })
})
