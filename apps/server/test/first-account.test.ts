import { describe, expect, it } from "vitest"
import { clientForTest, patience, serverForTest, waitUntil } from "./harness.js"
import { ADA, MembersWorld } from "./members.js"

/** From the set-up link to a document of one's own. */

const code = (name: string): object => ({ error: expect.objectContaining({ code: name }) })

describe("a server with members", () => {
  it("is made somebody's by the set-up link, once", async () => {
    const world = await MembersWorld.create()
    const stranger = world.browser()
    expect((await stranger.send("GET", "/api/session")).body).toEqual({
      mode: "members",
      person: null,
      signIn: { password: true, oidc: null },
      needsSetup: true,
    })
    const { secret } = world.members.setUp
    const wrong = `${secret?.slice(0, -1)}${secret?.endsWith("A") ? "B" : "A"}`
    const refused = await stranger.send("POST", "/api/setup", { body: { secret: wrong, ...ADA } })
    expect(refused).toMatchObject({ status: 404, body: code("QUIRE_NOT_FOUND") })
    const ada = world.browser()
    const made = await ada.send("POST", "/api/setup", { body: { secret, ...ADA, email: " ADA@Example.org " } })
    const person = { kind: "account", name: "Ada Lovelace", email: "ada@example.org", isAdmin: true }
    expect(made).toMatchObject({ status: 201, body: person })
    expect((await ada.send("GET", "/api/session")).body).toMatchObject({ person, needsSetup: false })
    const again = await stranger.send("POST", "/api/setup", { body: { secret, ...ADA, email: "eve@example.org" } })
    expect(again).toMatchObject({ status: 404, body: code("QUIRE_NOT_FOUND") })
  })

  it("makes one account of two set-ups at once", async () => {
    const world = await MembersWorld.create()
    const { secret } = world.members.setUp
    const answers = await Promise.all(
      ["a@x.org", "b@x.org"].map((email) =>
        world.browser().send("POST", "/api/setup", { body: { ...ADA, secret, email } }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404])
    expect(world.log.directory.accounts()).toHaveLength(1)
  })

  it("signs in with the password and out again, with a new secret each time", async () => {
    const world = await MembersWorld.create()
    const ada = await world.owner()
    const first = ada.cookie
    expect(await ada.send("POST", "/api/sign-out", { body: {} })).toMatchObject({ status: 204 })
    expect(ada.cookie).toBe("")
    expect((await ada.send("GET", "/api/session", { headers: { cookie: first } })).body.person).toBeNull()
    const { email, password } = ADA
    const signedIn = await ada.send("POST", "/api/sign-in", { body: { email: "Ada@Example.ORG", password } })
    expect(signedIn).toMatchObject({ status: 200, body: { name: ADA.name } })
    const set = signedIn.headers.get("set-cookie")
    expect(set).toMatch(/^quire=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
    expect(ada.cookie).not.toBe(first)
    const other = world.browser()
    for (const body of [
      { email, password: "not the password" },
      { email: "nobody@example.org", password },
      { email: "no address", password },
    ]) {
      const refused = await other.send("POST", "/api/sign-in", { body })
      expect(refused).toMatchObject({ status: 401, body: code("QUIRE_SIGN_IN_WRONG") })
      expect(refused.body).toEqual(
        (await other.send("POST", "/api/sign-in", { body: { email, password: "other" } })).body,
      )
    }
  })

  it("lists to each person the documents with a role, and hides the others", async () => {
    const world = await MembersWorld.create()
    const ada = await world.owner()
    const bob = await world.person("bob")
    const document = await world.document(bob)
    expect((await bob.send("GET", "/api/documents")).body.documents).toMatchObject([{ id: document, role: "owner" }])
    expect((await ada.send("GET", "/api/documents")).body.documents).toEqual([])
    const path = `/api/documents/${document}`
    expect(await bob.send("PATCH", path, { body: { title: "New" } })).toMatchObject({
      status: 200,
      body: { role: "owner" },
    })
    for (const other of [ada, world.browser()]) {
      const refused = await other.send("GET", path)
      expect(refused).toMatchObject({ status: 404, body: code("QUIRE_NOT_FOUND") })
      expect(refused.body).toEqual((await other.send("GET", "/api/documents/absent")).body)
      expect((await other.send("PATCH", path, { body: { title: "x" } })).body).toEqual(refused.body)
      expect((await other.send("PATCH", "/api/documents/absent", { body: { title: "x" } })).body).toEqual(refused.body)
    }
    expect((await world.browser().send("GET", "/api/documents")).status).toBe(401)
    expect((await world.browser().send("POST", "/api/documents", { body: { title: "x" } })).status).toBe(401)
  })

  it("gives the administrators what was made before there were accounts", async () => {
    const world = await MembersWorld.create()
    const old = "old" as never
    await world.log.catalogue.create({ document: old, kind: "page", title: "Old", timeMs: 1 })
    const ada = await world.owner()
    const bob = await world.person("bob")
    expect((await ada.send("GET", "/api/documents")).body.documents).toMatchObject([{ id: "old", role: "owner" }])
    expect((await bob.send("GET", "/api/documents")).body.documents).toEqual([])
  })
})

describe("the process", () => {
  it("prints a set-up link until there is an account, and lets nobody in without a role", async () => {
    const server = await serverForTest({ args: ["--access", "members"] })
    const link = (): string | undefined => /^Make the first account at (\S+)$/m.exec(server.process.stdout)?.[1]
    await waitUntil(server.process.subscribe, () => link() !== undefined, "the set-up link")
    const first = link()
    expect(first).toMatch(new RegExp(`^${server.http}/setup/[A-Za-z0-9_-]{43}$`))
    await server.stop()
    await server.restart()
    await waitUntil(server.process.subscribe, () => link() !== undefined, "the set-up link")
    expect(link()).not.toBe(first)
    const setUp = (address: string | undefined): Promise<Response> => {
      const body = JSON.stringify({ secret: address?.split("/").at(-1), ...ADA })
      return fetch(`${server.http}/api/setup`, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      })
    }
    expect((await setUp(first)).status).toBe(404)
    expect((await setUp(link())).status).toBe(201)
    const client = clientForTest(server.sync, "any", { schema: 1 })
    const refusal = (): unknown => client.provider.getStatus()
    await waitUntil(client.provider.subscribe, () => JSON.stringify(refusal()).includes("QUIRE_SIGN_IN"), "the refusal")
    await server.stop()
    await server.restart()
    await fetch(`${server.http}/api/session`, patience())
    expect(link()).toBeUndefined()
  })
})
