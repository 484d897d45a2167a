import { asClientId, asSequence, asUserId, type DocumentId } from "@quire/base"
import { BIRTH_UPDATE } from "@quire/document"
import { DIRECTORY_LIMITS } from "@quire/storage"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { READINGS } from "../src/http/app.js"
import { PublicPages } from "../src/public-pages.js"
import { MembersWorld } from "./members.js"

/** Pages that anybody may read: what is made of a text, and who gets it when. */

/** A page, with what its blocks are made of. */
class Text {
  readonly ydoc = new Y.Doc()
  #sent: Uint8Array

  constructor() {
    Y.applyUpdate(this.ydoc, BIRTH_UPDATE)
    this.#sent = Y.encodeStateVector(this.ydoc)
  }

  add(text: string, attributes: Record<string, string | number | boolean> = {}, marks: object = {}): this {
    const block = new Y.XmlElement<Record<string, string | number | boolean>>("textblock")
    for (const [name, value] of Object.entries(attributes)) block.setAttribute(name, value)
    const words = new Y.XmlText()
    words.insert(0, text, marks)
    block.insert(0, [words])
    const body = this.ydoc.getXmlFragment("body")
    body.insert(body.length, [block as Y.XmlElement])
    return this
  }

  /** What was added since this was asked last. */
  news(): Uint8Array {
    const update = Y.encodeStateAsUpdate(this.ydoc, this.#sent)
    this.#sent = Y.encodeStateVector(this.ydoc)
    return update
  }
}

async function worldWithPage() {
  const world = await MembersWorld.create()
  const ada = await world.person("ada")
  const bob = await world.person("bob")
  const anybody = world.browser()
  const document = await world.document(ada)
  let sequence = 0
  const append = async (payload: Uint8Array, to: DocumentId = document): Promise<void> => {
    const facts = { kind: "body", author: asUserId("a"), clientId: asClientId(1), timeMs: 1, schema: 2 } as const
    const origin = { kind: "page", epoch: "00112233445566ff", createdMs: 1 } as const
    await world.log.append(to, { ...facts, sequence: asSequence(++sequence), payload }, origin)
  }
  const publish = (isIndexed = false, by = ada) =>
    by.send("PUT", `/api/publication/${document}`, { body: { isIndexed } })
  const pathOf = async (): Promise<string> => new URL(String((await publish()).body.url)).pathname
  const read = async (path: string, headers: Record<string, string> = {}) => {
    const { status, body, headers: said } = await anybody.send("GET", path, { headers })
    return { status, html: String(body.text ?? ""), headers: said }
  }
  return { world, ada, bob, document, append, publish, pathOf, read }
}

describe("a public page", () => {
  it("has the text as it is on disk, for anybody, and nothing that runs", async () => {
    const { append, pathOf, read, world } = await worldWithPage()
    const text = new Text().add("Prices", { kind: "heading", level: 1 }).add("tea", { list: "bullet" })
    await append(BIRTH_UPDATE)
    await append(text.news())
    const path = await pathOf()
    expect(path).toMatch(/^\/p\/[A-Za-z0-9_-]{22}$/)
    const { status, html, headers } = await read(path)
    expect(status).toBe(200)
    expect(html).toContain("<h1>Plan</h1>")
    expect(html).toContain("<h2>Prices</h2><ul><li>tea</li></ul>")
    expect(html).not.toMatch(/<script|\son\w+=|style=/i)
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    // Somebody writes on: within a second the page may be the one before, then it is not.
    text.add("coffee", { list: "bullet" })
    await append(text.news())
    world.clock.advance(1_000)
    expect((await read(path)).html).toContain("<li>tea</li><li>coffee</li>")
  })

  it("is not for search engines unless its owner says so, and robots may read what it says", async () => {
    const { pathOf, publish, read } = await worldWithPage()
    const path = await pathOf()
    const hidden = await read(path)
    expect(hidden.headers.get("x-robots-tag")).toBe("noindex, nofollow")
    expect(hidden.html).toContain('<meta name="robots" content="noindex, nofollow">')
    expect((await publish(true)).body).toMatchObject({ isIndexed: true, url: `http://quire.test${path}` })
    const listed = await read(path)
    expect(listed.headers.get("x-robots-tag")).toBeNull()
    expect(listed.html).not.toContain("robots")
    expect((await read("/robots.txt")).html).toContain("Allow: /p/")
  })

  it("is asked for again each time, and sent only if it has changed", async () => {
    const { pathOf, publish, read } = await worldWithPage()
    const path = await pathOf()
    const { headers } = await read(path)
    const etag = headers.get("etag") ?? ""
    expect(headers.get("cache-control")).toBe("no-cache")
    expect(await read(path, { "if-none-match": etag })).toMatchObject({ status: 304, html: "" })
    await publish(true)
    expect((await read(path, { "if-none-match": etag })).status).toBe(200)
  })

  it("is gone at once when it is taken away, as if it had never been, and comes back at another address", async () => {
    const { ada, document, pathOf, read } = await worldWithPage()
    const path = await pathOf()
    expect((await read(path)).status).toBe(200)
    expect((await ada.send("DELETE", `/api/publication/${document}`)).status).toBe(204)
    const gone = await read(path)
    expect(gone).toMatchObject({ status: 404 })
    for (const other of ["/p/AAAAAAAAAAAAAAAAAAAAAA", "/p/", "/p/%2e%2e%2fapi", `${path}x`, `${path}/x`]) {
      expect(await read(other), other).toMatchObject({ status: 404, html: gone.html })
    }
    expect(await pathOf()).not.toBe(path)
    const said = (await ada.send("GET", `/api/audit/${document}`)).body.entries
    expect(said).toMatchObject([
      { what: "page.published" },
      { what: "page.unpublished" },
      { what: "page.published" },
      {},
    ])
  })

  it("is made by owners only, seen by whoever sees who has access, and never of a plain document", async () => {
    const { world, ada, bob, document, publish } = await worldWithPage()
    expect((await publish(false, bob)).status).toBe(404)
    await ada.send("PUT", `/api/access/${document}`, { body: { email: bob.email, role: "editor" } })
    expect((await publish(false, bob)).status).toBe(403)
    await publish(true)
    const { publication } = (await bob.send("GET", `/api/access/${document}`)).body
    expect(publication).toMatchObject({ isIndexed: true })
    const plain = "plain" as DocumentId // short names are valid
    await world.log.catalogue.create({ document: plain, kind: "plain", title: "", timeMs: 1 })
    const members = [{ user: `account:${ada.id}`, role: "owner" }] as const
    await world.log.directory.change({ put: [{ kind: "access", document: plain, members }] })
    const refused = await ada.send("PUT", "/api/publication/plain", { body: { isIndexed: false } })
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "QUIRE_NOT_A_PAGE" } } })
    const unsaid = await ada.send("PUT", `/api/publication/${document}`, { body: {} })
    expect(unsaid.status).toBe(400)
  })

  it("shows hostile titles, texts and links as what they are", async () => {
    const { ada, document, append, pathOf, read } = await worldWithPage()
    const attack = `"><img src=x onerror=alert(1)><script>alert(1)</script>`
    await ada.send("PATCH", `/api/documents/${document}`, { body: { title: attack } })
    const text = new Text().add(attack)
    const links = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>", "vbscript:x", `http://a"b/`]
    for (const href of links) text.add("here", {}, { link: { href } })
    await append(BIRTH_UPDATE)
    await append(text.news())
    const { html } = await read(await pathOf())
    expect(html).not.toMatch(/<img|<script|href="(?!https?:|\/favicon|\/public-page)/i)
    expect(html.split("&lt;script&gt;")).toHaveLength(4) // in the title, the heading and the text
  })

  it("says that it cannot be shown if its document is damaged, and the server goes on", async () => {
    const { world, append, pathOf, read } = await worldWithPage()
    await append(Uint8Array.of(1, 255, 255)) // no update at all, as only damage brings it about
    const path = await pathOf()
    expect(await read(path)).toMatchObject({ status: 503 })
    expect(world.lines.some((line) => line.includes("public-page.failed"))).toBe(true)
    expect((await read("/api/health")).status).toBe(200)
  })

  it("is read by one address so many times a minute", async () => {
    const { read } = await worldWithPage()
    for (let reading = 0; reading < READINGS; reading++) expect((await read("/p/none")).status).toBe(404)
    const refused = await read("/p/none")
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
  })

  it("is one of so many", async () => {
    const { world, publish } = await worldWithPage()
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => {
        const address = Buffer.alloc(16)
        address.writeUInt32BE(1 + from + at)
        const document = `d${from + at}` as DocumentId // short names are valid
        const rest = { isIndexed: false, createdMs: 1, madeBy: "" }
        return { kind: "publication", document, address: address.toString("base64url"), ...rest } as const
      })
    await world.log.directory.change({ put: some(0, DIRECTORY_LIMITS.publications - 1) })
    expect((await publish()).status).toBe(200)
    expect((await publish(true)).status).toBe(200)
    await world.log.directory.change({ remove: [...some(0, 1)] })
    await world.log.directory.change({ put: some(0, 1) })
    const other = await MembersWorld.create()
    const eve = await other.person("eve")
    await other.log.directory.change({ put: some(0, DIRECTORY_LIMITS.publications) })
    const document = await other.document(eve)
    const refused = await eve.send("PUT", `/api/publication/${document}`, { body: { isIndexed: false } })
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "QUIRE_TOO_MANY_PUBLIC" } } })
  })
})

describe("public pages", () => {
  it("are made once for all who ask meanwhile, and not again before the text has changed", async () => {
    const { world, document, append, publish } = await worldWithPage()
    await append(BIRTH_UPDATE)
    await publish()
    let made = 0
    const { log, clock } = world
    const render = async (): Promise<string> => `<p>${++made}</p>`
    const pages = new PublicPages({ log, catalogue: log.catalogue, clock, render })
    const publication = log.directory.publication(document)
    if (publication === undefined) throw new Error("it was made public above")
    const all = await Promise.all(Array.from({ length: 20 }, () => pages.page(publication)))
    expect(new Set(all.map(({ html }) => html)).size).toBe(1)
    clock.advance(5_000)
    expect((await pages.page(publication)).html).toContain("<p>1</p>")
    await append(new Text().add("more").news())
    expect((await pages.page(publication)).html).toContain("<p>2</p>")
    await append(new Text().add("still more").news())
    expect((await pages.page(publication)).html).toContain("<p>2</p>")
    clock.advance(1_000)
    expect((await pages.page(publication)).html).toContain("<p>3</p>")
  })
})
