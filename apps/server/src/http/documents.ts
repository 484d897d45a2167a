import { mayDo, type Role } from "@quire/access"
import type { Clock, DocumentId, Random } from "@quire/base"
import type { Catalogue, CatalogueEntry } from "@quire/storage"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { audited, type Members } from "../auth/members.js"
import { documentName } from "../sockets/upgrade.js"
import { type Body, readJson } from "./body.js"
import { problem } from "./problem.js"
import { mustSignIn, notFound, principalOf } from "./visitor.js"

/** Longest title, in UTF-16 units. */
const TITLE_LENGTH = 200
const PATH = "/api/documents/"
const TITLED = z.object({
  title: z
    .string("the title must be text")
    .max(TITLE_LENGTH, `the title is longer than ${TITLE_LENGTH} characters`)
    .refine((title) => title.isWellFormed(), "the title is not well-formed Unicode"),
})

/** What the document routes need. */
export interface DocumentsSetting {
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly random: Random
  /** Who may do what; left out in open mode. */
  readonly members?: Members | undefined
}

/** `/api/documents`: list, create, read, rename. In open mode everybody is an editor of everything. */
export function documentRoutes({ catalogue, clock, random, members }: DocumentsSetting): Hono {
  const app = new Hono()

  app.get("/api/documents", async (context) => {
    const entries = await catalogue.list()
    if (members === undefined) return context.json({ documents: entries.map((entry) => view(entry, "editor")) })
    const principal = await principalOf(members, context)
    if (principal.kind === "nobody") return mustSignIn(context)
    const documents = []
    for (const entry of entries) {
      const role = await members.principals.roleOf(principal, entry.document, true)
      if (role !== undefined && mayDo(role, "read")) documents.push(view(entry, role))
    }
    return context.json({ documents })
  })

  app.post("/api/documents", async (context) => {
    const principal = members === undefined ? undefined : await principalOf(members, context)
    if (principal?.kind === "nobody") return mustSignIn(context)
    if (principal?.kind === "guest") return forbidden(context)
    const body = await readTitle(context)
    if (!body.ok) return body.response
    const document = newDocumentId(random)
    if (principal !== undefined) {
      // Before the document: one that is there and has no owner would be the administrators'.
      await members?.directory.change({
        put: [{ kind: "access", document, members: [{ user: principal.user, role: "owner" }] }],
        audit: [{ ...audited(clock, principal, { what: "document.made" }), document }],
      })
    }
    const created = await catalogue.create({ document, kind: "page", title: body.value.title, timeMs: clock.now() })
    if (!created.ok) throw new Error(`a fresh document id was taken: ${document}`)
    return context.json(view(created.entry, principal === undefined ? "editor" : "owner"), 201)
  })

  app.get(`${PATH}*`, async (context) => {
    const name = nameOf(context)
    if (!name.ok) return badName(context, name.reason)
    const role = await roleIn(context, name.id)
    if (role === undefined || !mayDo(role, "read")) return notFound(context)
    const entry = await catalogue.get(name.id)
    return entry === undefined ? notFound(context) : context.json(view(entry, role))
  })

  app.patch(`${PATH}*`, async (context) => {
    const name = nameOf(context)
    if (!name.ok) return badName(context, name.reason)
    const role = await roleIn(context, name.id)
    if (role === undefined || !mayDo(role, "read")) return notFound(context)
    if (!mayDo(role, "rename")) return forbidden(context)
    const body = await readTitle(context)
    if (!body.ok) return body.response
    const { title } = body.value
    const entry = (await catalogue.setTitle(name.id, title, clock.now())) ?? (await adopt(name.id, title))
    return context.json(view(entry, role))
  })

  async function roleIn(context: Context, document: DocumentId): Promise<Role | undefined> {
    if (members === undefined) return "editor"
    return await members.principals.roleOf(await principalOf(members, context), document)
  }

  /** A title given to a document that nobody has written to yet makes it a page. */
  async function adopt(document: DocumentId, title: string): Promise<CatalogueEntry> {
    const created = await catalogue.create({ document, kind: "page", title, timeMs: clock.now() })
    const entry = created.ok ? created.entry : await catalogue.setTitle(document, title, clock.now())
    if (entry === undefined) throw new Error(`the catalogue lost ${document} between two calls`)
    return entry
  }

  return app
}

/** 22 letters and digits out of 128 random bits: cannot be guessed, and needs no escaping in an address. */
function newDocumentId(random: Random): DocumentId {
  const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
  let value = 0n
  for (const byte of random.bytes(16)) value = value * 256n + BigInt(byte)
  let text = ""
  for (let i = 0; i < 22; i++) {
    text += alphabet[Number(value % 62n)]
    value /= 62n
  }
  return text as DocumentId // 22 ASCII letters and digits are a valid name
}

function view(
  { document, kind, title, createdMs, changedMs }: CatalogueEntry,
  role: Role,
): Record<string, string | number> {
  return { id: document, kind, title, createdMs, changedMs, role }
}

/** The document's name, from the address as it was sent: the router's own decoding would decode twice. */
function nameOf(context: Context): ReturnType<typeof documentName> {
  const { pathname } = new URL(context.req.url)
  return documentName(pathname.slice(PATH.length))
}

function forbidden(context: Context): Response {
  return problem(context, 403, { code: "QUIRE_FORBIDDEN", message: "you may not do this here" })
}

function badName(context: Context, reason: string): Response {
  return problem(context, 400, { code: "QUIRE_NAME", message: reason })
}

function readTitle(context: Context): Promise<Body<{ title: string }>> {
  return readJson(context, TITLED, { code: "QUIRE_TITLE", form: 'the body must be {"title": text}' })
}
