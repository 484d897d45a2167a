import { QuireError } from "@quire/base"
import { describe, expect, it } from "vitest"
import { createCall } from "../../src/api/call.js"
import { type Api, createApi } from "../../src/api/client.js"

const ENTRY = { id: "a/b", kind: "page", title: "Plan", createdMs: 1, changedMs: 2 }

interface Call {
  readonly path: string
  readonly init: RequestInit
}

/** An api whose server always gives this answer, and what was asked. */
function apiThatAnswers(answer: () => Response | Promise<Response>): { readonly api: Api; readonly calls: Call[] } {
  const calls: Call[] = []
  const call = createCall(async (input, init = {}) => {
    calls.push({ path: String(input), init })
    return answer()
  })
  return { api: createApi(call), calls }
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status })
}

async function failureOf(promise: Promise<unknown>): Promise<QuireError> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(QuireError)
  return failure as QuireError // as just checked
}

describe("the api", () => {
  it("lists documents, and takes an unknown kind for a page", async () => {
    const { api, calls } = apiThatAnswers(() =>
      json({ documents: [ENTRY, { ...ENTRY, kind: "plain" }, { ...ENTRY, kind: "?" }] }),
    )
    const kinds = (await api.listDocuments()).map(({ kind }) => kind)
    expect(kinds).toEqual(["page", "plain", "page"])
    expect(calls[0]).toMatchObject({ path: "/api/documents", init: { method: "GET", body: null, cache: "no-store" } })
  })

  it("asks for a document by its name in one encoded segment", async () => {
    const { api, calls } = apiThatAnswers(() => json(ENTRY))
    expect(await api.loadDocument("a/b ü%?#")).toEqual(ENTRY)
    expect(calls[0]?.path).toBe("/api/documents/a%2Fb%20%C3%BC%25%3F%23")
  })

  it("gives undefined for a document that nobody has made", async () => {
    const { api } = apiThatAnswers(() => json({ error: { code: "QUIRE_NOT_FOUND", message: "no" } }, 404))
    expect(await api.loadDocument("a")).toBeUndefined()
  })

  it("sends titles as JSON, a rename so that it may outlive the page", async () => {
    const { api, calls } = apiThatAnswers(() => json(ENTRY, 201))
    await api.createDocument("Plan")
    await api.renameDocument("a/b", "Plan", { outlivesPage: true })
    expect(calls.map(({ path, init }) => [init.method, path, init.body, init.keepalive])).toEqual([
      ["POST", "/api/documents", '{"title":"Plan"}', false],
      ["PATCH", "/api/documents/a%2Fb", '{"title":"Plan"}', true],
    ])
    expect(calls[0]?.init.headers).toEqual({ "content-type": "application/json" })
  })

  it("passes the server's code, message and hint on", async () => {
    const error = { code: "QUIRE_TITLE", message: "the title is too long", hint: "Shorten it." }
    const { api } = apiThatAnswers(() => json({ error }, 400))
    expect(await failureOf(api.renameDocument("a", "x"))).toMatchObject(error)
  })

  it("refuses a 404 to anything but a question for one document", async () => {
    const { api } = apiThatAnswers(() => json({}, 404))
    expect((await failureOf(api.renameDocument("a", "x"))).code).toBe("QUIRE_REFUSED")
  })

  it.each([
    ["a proxy's page", "<html>Bad gateway</html>"],
    ["nothing", ""],
    ["other JSON", '{"error":"no"}'],
    ["wrong types", '{"error":{"code":1,"message":[],"hint":{}}}'],
  ])("names the status of a refusal whose body is %s", async (_what, body) => {
    const { api } = apiThatAnswers(() => new Response(body, { status: 502 }))
    expect(await failureOf(api.listDocuments())).toMatchObject({
      code: "QUIRE_REFUSED",
      message: "the server answered with status 502",
    })
  })

  it.each([
    ["no JSON", "<html>"],
    ["no object", "7"],
    ["null", "null"],
    ["no list", '{"documents":{}}'],
    ["an entry that is none", '{"documents":[null]}'],
    ["an entry without a title", JSON.stringify({ documents: [{ ...ENTRY, title: 7 }] })],
    ["an entry without times", JSON.stringify({ documents: [{ ...ENTRY, changedMs: "now" }] })],
  ])("calls an answer unreadable that is %s", async (_what, body) => {
    const { api } = apiThatAnswers(() => new Response(body))
    expect((await failureOf(api.listDocuments())).code).toBe("QUIRE_UNREADABLE")
  })

  it("says that the server cannot be reached when there is no answer", async () => {
    const cause = new TypeError("fetch failed")
    const { api } = apiThatAnswers(() => Promise.reject(cause))
    expect(await failureOf(api.listDocuments())).toMatchObject({ code: "QUIRE_UNREACHABLE", cause })
  })

  it("says so too when the connection ends within the answer", async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError("terminated")) })
    const { api } = apiThatAnswers(() => new Response(broken))
    expect((await failureOf(api.listDocuments())).code).toBe("QUIRE_UNREACHABLE")
  })

  it("rejects with the signal's reason when it is told to stop, before or within the answer", async () => {
    const leaving = new AbortController()
    const reason = new Error("left")
    const before = apiThatAnswers(() => Promise.reject(leaving.signal.reason))
    const within = apiThatAnswers(
      () => new Response(new ReadableStream({ start: (controller) => controller.error(leaving.signal.reason) })),
    )
    leaving.abort(reason)
    await expect(before.api.listDocuments({ signal: leaving.signal })).rejects.toBe(reason)
    await expect(within.api.loadDocument("a", { signal: leaving.signal })).rejects.toBe(reason)
    expect(before.calls[0]?.init.signal).toBe(leaving.signal)
  })
})
