import type { DocumentId } from "@quire/base"
import { DIRECTORY_LIMITS, type DocumentAccess } from "@quire/storage"
import { describe, expect, it } from "vitest"
import { TRIES } from "../src/auth/members.js"
import { INVITATION_MS } from "../src/http/people.js"
import { type Answer, type Browser, MembersWorld } from "./members.js"

/** Numbers of docs/limits.md about accounts and sharing, each just below, at and beyond. */

const code = (name: string) => ({ error: { code: name } })

/** Makes a link to a document, and returns its secret. */
async function makeLink(owner: Browser, document: DocumentId, password?: string): Promise<string> {
  const answer = await owner.send("POST", `/api/links/${document}`, { body: { role: "viewer", password } })
  if (answer.status !== 201) throw new Error(`no link: ${JSON.stringify(answer.body)}`)
  return String(answer.body.url).split("/s/").at(-1) ?? ""
}

const open = (browser: Browser, secret: string, password?: string): Promise<Answer> =>
  browser.send("POST", "/api/links/open", { body: { secret, password } })

describe("passwords tried for a share link", () => {
  it("are thirty a minute, wherever they come from, and are so many again as time passes", async () => {
    const world = await MembersWorld.create()
    const bob = await world.person("bob")
    const document = await world.document(bob)
    const password = "the link's own password"
    const secret = await makeLink(bob, document, password)
    const other = await makeLink(bob, document, password)
    // Each guesser has an address of its own, so that the misses of one address do not count.
    const guess = async (tried: string): Promise<number> => (await open(world.browser(), secret, tried)).status
    for (let tries = 0; tries < TRIES.link - 1; tries++) expect(await guess(`guess ${tries}`)).toBe(401)
    expect(await guess(password)).toBe(200)
    for (let tries = 0; tries < 10 * TRIES.link; tries++) expect(await guess(password)).toBe(429)
    const refused = await open(world.browser(), secret, password)
    expect(refused.body).toMatchObject(code("QUIRE_TOO_MANY_TRIES"))
    expect(refused.headers.get("retry-after")).toBe("2")
    // Another link is not touched, and who is in stays in without a password.
    expect((await open(world.browser(), other, password)).status).toBe(200)
    world.clock.advance(1_999)
    expect(await guess(password)).toBe(429)
    world.clock.advance(1)
    expect(await guess(password)).toBe(200)
    expect(await guess(password)).toBe(429)
  })
})

describe("an invitation", () => {
  it("is good for seven days, to the millisecond", async () => {
    const world = await MembersWorld.create()
    const ada = await world.owner()
    const { body } = await ada.send("POST", "/api/invitations", { body: {} })
    const secret = String(body.url).split("/join/").at(-1) ?? ""
    expect(body.expiresMs).toBe(world.clock.now() + 7 * 86_400_000)
    const isGood = async (): Promise<boolean> => {
      const opened = await world.browser().send("POST", "/api/invitations/open", { body: { secret } })
      const known = world.members.directory.invitations().filter(({ expiresMs }) => expiresMs > world.clock.now())
      expect(opened.status).toBe(known.length === 1 ? 200 : 404)
      return opened.status === 200
    }
    world.clock.advance(INVITATION_MS - 1)
    expect(await isGood()).toBe(true)
    world.clock.advance(1)
    expect(await isGood()).toBe(false)
    world.clock.advance(1)
    expect(await isGood()).toBe(false)
    world.clock.advance(9 * INVITATION_MS)
    expect(await isGood()).toBe(false)
    const account = { secret, name: "B", email: "b@example.org", password: "a long enough password" }
    const late = await world.browser().send("POST", "/api/invitations/accept", { body: account })
    expect(late).toMatchObject({ status: 404, body: code("QUIRE_NOT_FOUND") })
  })
})

describe("members of a document", () => {
  it("are five hundred: one more is refused and said what to do, and a role can still be changed and taken", async () => {
    const world = await MembersWorld.create()
    const bob = await world.person("bob")
    const document = await world.document(bob)
    const [eve, zoe] = [await world.person("eve"), await world.person("zoe")]
    const most = DIRECTORY_LIMITS.members
    expect(most).toBe(500)
    const owner = { user: `account:${bob.id}`, role: "owner" } as const
    const others = (count: number): DocumentAccess["members"] =>
      Array.from({ length: count }, (_, n) => ({ user: `account:nobody${n}`, role: "viewer" }))
    const fill = (count: number): Promise<void> =>
      world.log.directory.change({ put: [{ kind: "access", document, members: [owner, ...others(count - 1)] }] })
    const give = (email: string, role: string | null) =>
      bob.send("PUT", `/api/access/${document}`, { body: { email, role } })
    const count = (): number => world.log.directory.access(document)?.members.length ?? 0

    await fill(most - 2)
    expect((await give(eve.email, "viewer")).status).toBe(200) // most - 1
    expect((await give(zoe.email, "viewer")).status).toBe(200) // most
    expect(count()).toBe(most)
    const adam = await world.person("adam")
    const refused = await give(adam.email, "viewer")
    expect(refused).toMatchObject({ status: 409, body: code("QUIRE_TOO_MANY_MEMBERS") })
    expect(refused.body.error).toMatchObject({ hint: expect.stringContaining("Take a role from somebody") })
    expect(count()).toBe(most)
    expect((await give(zoe.email, "editor")).status).toBe(200)
    expect((await give(eve.email, null)).status).toBe(200)
    expect((await give(adam.email, "viewer")).status).toBe(200)
    // The store itself takes no more, whoever asks it; nothing is changed by the attempt.
    for (const beyond of [most + 1, 10 * most]) expect(() => fill(beyond)).toThrow(`limit ${most}`)
    expect(count()).toBe(most)
  })
})

describe("share links that a session has opened", () => {
  it("remembers fifty, and forgets the oldest, which can be opened again", async () => {
    const world = await MembersWorld.create()
    const bob = await world.person("bob")
    const most = DIRECTORY_LIMITS.openedLinks
    expect(most).toBe(50)
    const guest = world.browser()
    const documents: DocumentId[] = []
    const secrets: string[] = []
    const openAnother = async (): Promise<void> => {
      const document = await world.document(bob)
      documents.push(document)
      secrets.push(await makeLink(bob, document))
      expect((await open(guest, secrets.at(-1) ?? "")).status).toBe(200)
    }
    const mayRead = async (index: number): Promise<boolean> =>
      (await guest.send("GET", `/api/documents/${documents[index]}`)).status === 200
    while (secrets.length < most - 1) await openAnother()
    expect(await mayRead(0)).toBe(true)
    await openAnother()
    expect(await mayRead(0)).toBe(true)
    await openAnother()
    expect(await mayRead(0)).toBe(false)
    expect(await mayRead(1)).toBe(true)
    expect(await mayRead(most)).toBe(true)
    expect((await open(guest, secrets[0] ?? "")).status).toBe(200)
    expect([await mayRead(0), await mayRead(1), await mayRead(2)]).toEqual([true, false, true])
  })
})

describe("what a browser calls itself", () => {
  it("is cut at two hundred characters, and nobody is refused for it", async () => {
    for (const length of [199, 200, 201, 2_000]) {
      const world = await MembersWorld.create()
      const bob = await world.person("bob")
      const secret = await makeLink(bob, await world.document(bob))
      const guest = world.browser()
      const headers = { "user-agent": "a".repeat(length) }
      expect((await guest.send("POST", "/api/links/open", { body: { secret }, headers })).status).toBe(200)
      const agents = [...world.log.directory.signIns()]
        .filter(({ account }) => account === "")
        .map(({ agent }) => agent)
      expect(agents).toEqual(["a".repeat(Math.min(length, 200))])
    }
  })
})
