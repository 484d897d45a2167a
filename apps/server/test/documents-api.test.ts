import { request } from "node:http"
import { beforeAll, describe, expect, it } from "vitest"
import { clientForTest, patience, type RunningServer, serverForFile } from "./harness.js"
import { PAGE } from "./typing.js"

/** `/api/documents`: the catalogue over HTTP. */

let server: RunningServer
beforeAll(async () => {
  server = await serverForFile()
})

/** An answer of the API. */
interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Sends a request with the path exactly as given: `fetch` would tidy it. */
function send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const { body, headers = { "content-type": "application/json" } } = options
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: server.port, method, path, headers }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown }))
    })
    sent.on("error", reject)
    sent.end(body)
  })
}

interface SendOptions {
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

const titled = (title: unknown): SendOptions => ({ body: JSON.stringify({ title }) })
const refusal = (code: string): object => ({ error: expect.objectContaining({ code, message: expect.any(String) }) })

describe("documents", () => {
  it("are created with a title and an id nobody can guess, and listed", async () => {
    const first = await send("POST", "/api/documents", titled("First"))
    const second = await send("POST", "/api/documents", titled("Zweites – 漢字 🖋"))
    expect(first).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^[0-9A-Za-z]{22}$/),
        kind: "page",
        title: "First",
        createdMs: expect.any(Number),
        changedMs: expect.any(Number),
        role: "editor",
      },
    })
    const { body } = await send("GET", "/api/documents")
    const { documents } = body as { documents: unknown[] } // the assertion below looks at it
    expect(documents).toEqual(expect.arrayContaining([first.body, second.body]))
  })

  it("are read and renamed by their id", async () => {
    const { body } = await send("POST", "/api/documents", titled("Old"))
    const { id } = body as { id: string } // asserted above
    expect((await send("PATCH", `/api/documents/${id}`, titled("New"))).status).toBe(200)
    expect(await send("GET", `/api/documents/${id}`)).toEqual({
      status: 200,
      body: expect.objectContaining({ id, title: "New" }),
    })
  })

  it("are pages from the moment they are created", async () => {
    const { body } = await send("POST", "/api/documents", titled("A page"))
    const { id } = body as { id: string } // asserted above
    const plain = clientForTest(server.sync, id)
    await plain.provider.whenSynced(patience())
    expect(plain.provider.getStatus().grant).toBe("read")
  })

  it("that were written first appear in the list, by their name", async () => {
    const name = "team/heute früh"
    const author = clientForTest(server.sync, name, { schema: 1 })
    await author.provider.whenSynced(patience())
    PAGE.insert(author.ydoc, 0, "text")
    await author.provider.whenSaved(patience())
    const path = `/api/documents/${encodeURIComponent(name)}`
    expect((await send("PATCH", path, titled("Heute"))).status).toBe(200)
    const { body } = await send("GET", "/api/documents")
    expect(body).toEqual({
      documents: expect.arrayContaining([expect.objectContaining({ id: name, kind: "page", title: "Heute" })]),
    })
  })

  it.each([
    ["a%2Fb", "a/b"],
    ["a%252Fb", "a%2Fb"],
    ["100%25", "100%"],
    ["%E6%BC%A2", "漢"],
    ["a+b", "a+b"],
    ["plain/path", "plain/path"],
  ])("have names that are percent-decoded once: %s is %s", async (encoded, name) => {
    const renamed = await send("PATCH", `/api/documents/${encoded}`, titled(name))
    expect(renamed).toEqual({ status: 200, body: expect.objectContaining({ id: name, title: name }) })
    expect(await send("GET", `/api/documents/${encoded}`)).toEqual(renamed)
  })

  it.each([["%"], ["%FF"], ["a%00b"], ["a%0Ab"], ["x".repeat(257)]])("have no name like %j", async (encoded) => {
    expect(await send("GET", `/api/documents/${encoded}`)).toEqual({ status: 400, body: refusal("QUIRE_NAME") })
    expect((await send("PATCH", `/api/documents/${encoded}`, titled("x"))).status).toBe(400)
  })

  it("that do not exist are 404, and so are routes that do not", async () => {
    expect(await send("GET", "/api/documents/nobody-made-this")).toEqual({
      status: 404,
      body: refusal("QUIRE_NOT_FOUND"),
    })
    expect(await send("GET", "/api/nothing")).toEqual({ status: 404, body: refusal("QUIRE_NOT_FOUND") })
  })
})

describe("in open mode", () => {
  it("nobody is anybody, and there is nothing to share", async () => {
    expect(await send("GET", "/api/session")).toEqual({
      status: 200,
      body: { mode: "open", person: null, signIn: { password: false, oidc: null }, needsSetup: false },
    })
    for (const path of ["/api/access/notes", "/api/audit/notes", "/api/people", "/api/sessions", "/api/invitations"]) {
      expect(await send("GET", path)).toEqual({ status: 404, body: refusal("QUIRE_NOT_FOUND") })
    }
    for (const path of ["/api/setup", "/api/sign-in", "/api/links/notes", "/api/links/open"]) {
      expect((await send("POST", path, { body: "{}" })).status).toBe(404)
    }
  })
})

describe("a body", () => {
  it.each<[string, SendOptions, number, string]>([
    ["is no JSON", { body: "{title" }, 400, "QUIRE_TITLE"],
    ["is empty", { body: "" }, 400, "QUIRE_TITLE"],
    ["has no title", { body: "{}" }, 400, "QUIRE_TITLE"],
    ["has a title that is a number", titled(1), 400, "QUIRE_TITLE"],
    ["has a title of 201 characters", titled("x".repeat(201)), 400, "QUIRE_TITLE"],
    ["has half a surrogate pair in its title", { body: '{"title":"\\ud800"}' }, 400, "QUIRE_TITLE"],
    ["is over 64 KiB", titled("x".repeat(65_536)), 413, "QUIRE_BODY_TOO_LARGE"],
    ["is a form", { body: "title=x", headers: { "content-type": "text/plain" } }, 415, "QUIRE_NOT_JSON"],
    ["says not what it is", { body: '{"title":"x"}', headers: {} }, 415, "QUIRE_NOT_JSON"],
  ])("that %s is refused", async (_what, options, status, code) => {
    expect(await send("POST", "/api/documents", options)).toEqual({ status, body: refusal(code) })
    expect(await send("PATCH", "/api/documents/notes", options)).toEqual({ status, body: refusal(code) })
  })

  it("may hold a title of 200 characters", async () => {
    expect((await send("POST", "/api/documents", titled("ü".repeat(200)))).status).toBe(201)
  })
})

describe("a page of another origin", () => {
  const headers = { "content-type": "application/json", origin: "https://evil.example" }

  it("may not change anything", async () => {
    const options = { ...titled("Evil"), headers }
    expect(await send("POST", "/api/documents", options)).toEqual({ status: 403, body: refusal("QUIRE_ORIGIN") })
    expect((await send("PATCH", "/api/documents/notes", options)).status).toBe(403)
  })

  it("may change something if it is a page of this machine", async () => {
    const local = { ...headers, origin: `http://localhost:${server.port}` }
    expect((await send("POST", "/api/documents", { ...titled("Mine"), headers: local })).status).toBe(201)
  })
})
