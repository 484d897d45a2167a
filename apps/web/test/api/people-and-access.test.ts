import { QuireError } from "@quire/base"
import { describe, expect, it } from "vitest"
import { createAccessApi } from "../../src/api/access.js"
import { createAccountApi } from "../../src/api/account.js"
import { type Call, createCall, type Request } from "../../src/api/call.js"
import { createPeopleApi } from "../../src/api/people.js"
import { askWho } from "../../src/api/who.js"

/** A call whose server answers with these fields, and what was asked of it. */
function answering(body: unknown): { readonly call: Call; readonly asked: Request[] } {
  const asked: Request[] = []
  return {
    asked,
    call: async (request) => {
      asked.push(request)
      return body
    },
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  return failure instanceof QuireError ? failure.code : `no QuireError: ${String(failure)}`
}

const PERSON = { kind: "account", id: "account:1", name: "Anna", color: "#2474bb", email: "a@b.c", isAdmin: true }

describe("who one is", () => {
  it("is asked of the server", async () => {
    const signIn = { password: true, oidc: { name: "Example" } }
    const { call, asked } = answering({ mode: "members", person: PERSON, signIn, needsSetup: false })
    expect(await askWho(call)).toEqual({
      mode: "members",
      person: PERSON,
      ways: { hasPassword: true, provider: "Example" },
      needsSetup: false,
    })
    expect(asked).toEqual([{ method: "GET", path: "/api/session" }])
  })

  it("takes nothing harmful out of the answer", async () => {
    const person = { ...PERSON, kind: "root", name: `A\u202e${"x".repeat(999)}`, color: "red;x", isAdmin: "yes" }
    const { call } = answering({ mode: "members", person, signIn: { password: 1, oidc: null }, needsSetup: 1 })
    const answer = await askWho(call)
    expect(answer).toMatchObject({ person: { kind: "account", isAdmin: false }, ways: { hasPassword: false } })
    expect(answer.mode === "members" && answer.person?.name).toMatch(/^Ax{39}$/)
    expect(answer.mode === "members" && answer.person?.color).toMatch(/^#[0-9a-f]{6}$/)
  })

  it("is nobody in particular at a server that does not know the question", async () => {
    const error = JSON.stringify({ error: { code: "QUIRE_NOT_FOUND", message: "no" } })
    const call = createCall(async () => new Response(error, { status: 404 }))
    expect(await askWho(call)).toEqual({ mode: "open" })
  })

  it.each([null, 7, [], { mode: "members" }, { mode: "members", signIn: {}, person: 7 }])(
    "cannot be read out of %j",
    async (body) => {
      expect(await codeOf(askWho(answering(body).call))).toBe("QUIRE_UNREADABLE")
    },
  )
})

describe("a call", () => {
  it("is sent as JSON unless it only reads, so that no form of another site can send it", async () => {
    const types: unknown[] = []
    const call = createCall(async (_path, init) => {
      types.push(new Headers(init?.headers).get("content-type"))
      return new Response(null, { status: 204 })
    })
    await call({ method: "GET", path: "/" })
    await call({ method: "DELETE", path: "/" })
    await call({ method: "POST", path: "/", body: {} })
    expect(types).toEqual([null, "application/json", "application/json"])
  })
})

describe("the account's calls", () => {
  it("go where the contract says", async () => {
    const { call, asked } = answering({ ...PERSON, document: "plan", invitedBy: "Ben", sessions: [] })
    const api = createAccountApi(call)
    const account = { secret: "s", name: "Anna", email: "a@b.c", password: "a few words" }
    await api.setUp(account)
    await api.signIn("a@b.c", "a few words")
    await api.signOut()
    await api.listSessions()
    await api.endSession("a/b")
    await api.endOtherSessions()
    await api.change({ name: "Ann" })
    await api.changePassword("old words", "new words")
    await api.openInvitation("s")
    await api.acceptInvitation(account)
    await api.openLink({ secret: "s" })
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/setup",
      "POST /api/sign-in",
      "POST /api/sign-out",
      "GET /api/sessions",
      "DELETE /api/sessions/a%2Fb",
      "DELETE /api/sessions",
      "PATCH /api/account",
      "POST /api/account/password",
      "POST /api/invitations/open",
      "POST /api/invitations/accept",
      "POST /api/links/open",
    ])
  })
})

describe("the calls about people", () => {
  it("read people and invitations, and refuse what is none", async () => {
    const row = { id: "1", name: "Ann\u202ea", email: "a@b.c", isAdmin: false, createdMs: 1, isSuspended: true }
    const members = await createPeopleApi(answering({ people: [row] }).call).list()
    expect(members).toEqual([{ ...row, name: "Anna" }])
    const invitation = { id: "1", email: null, expiresMs: 5, url: "http://127.0.0.1/join/s" }
    expect(await createPeopleApi(answering(invitation).call).invite(undefined)).toEqual({
      ...invitation,
      email: undefined,
    })
    const reset = { url: "http://127.0.0.1/reset/s", expiresMs: 5 }
    expect(await createPeopleApi(answering(reset).call).makeReset("1")).toEqual(reset)
    for (const body of [{}, { url: 7, expiresMs: 5 }, { url: "x", expiresMs: -1 }]) {
      expect(await codeOf(createPeopleApi(answering(body).call).makeReset("1"))).toBe("QUIRE_UNREADABLE")
    }
    for (const body of [{}, { people: {} }, { people: [7] }, { people: [{ ...row, createdMs: -1 }] }]) {
      expect(await codeOf(createPeopleApi(answering(body).call).list())).toBe("QUIRE_UNREADABLE")
    }
  })
})

describe("the calls about access", () => {
  const member = { user: "account:1", name: "Anna", email: "a@b.c", role: "owner" }
  const link = { id: "1", role: "viewer", hasPassword: true, expiresMs: null, maxViews: 3, views: 1, createdMs: 1 }

  it("read people and links", async () => {
    const { call, asked } = answering({ members: [member], links: [link] })
    expect(await createAccessApi(call).load("a/b")).toEqual({
      members: [member],
      links: [{ ...link, expiresMs: undefined }],
    })
    expect(asked[0]?.path).toBe("/api/access/a%2Fb")
  })

  it("take roles away with null", async () => {
    const { call, asked } = answering({})
    await createAccessApi(call).setRole("plan", "a@b.c", null)
    expect(asked).toEqual([{ method: "PUT", path: "/api/access/plan", body: { email: "a@b.c", role: null } }])
  })

  it.each(["Owner", "admin", "", null, 7, undefined])("know no role %j", async (role) => {
    const body = { members: [{ ...member, role }], links: [], publication: null }
    expect(await codeOf(createAccessApi(answering(body).call).load("plan"))).toBe("QUIRE_UNREADABLE")
  })

  it("show the address of a new link", async () => {
    const url = "http://127.0.0.1/s/secret"
    const { call, asked } = answering({ ...link, url })
    expect(await createAccessApi(call).createLink("plan", { role: "viewer", maxViews: 3 })).toMatchObject({ url })
    expect(asked[0]).toMatchObject({ method: "POST", path: "/api/links/plan", body: { role: "viewer", maxViews: 3 } })
  })
})
