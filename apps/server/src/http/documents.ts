import type { Clock, DocumentId, Random } from "@quire/base"
import type { Catalogue, CatalogueEntry } from "@quire/storage"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { documentName } from "../sockets/upgrade.js"
import { problem } from "./problem.js"

/** Longest title, in UTF-16 units. */
const TITLE_LENGTH = 200
/** A JSON body is at most this large. */
const BODY_BYTES = 65_536
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
}

/** `/api/documents`: list, create, read, rename. */
export function documentRoutes({ catalogue, clock, random }: DocumentsSetting): Hono {
  const app = new Hono()

  app.get("/api/documents", async (context) => {
    const entries = await catalogue.list()
    return context.json({ documents: entries.map(view) })
  })

  app.post("/api/documents", async (context) => {
    const body = await readTitle(context)
    if (!body.ok) return body.response
    const document = newDocumentId(random)
    const created = await catalogue.create({ document, kind: "page", title: body.title, timeMs: clock.now() })
    if (!created.ok) throw new Error(`a fresh document id was taken: ${document}`)
    return context.json(view(created.entry), 201)
  })

  app.get(`${PATH}*`, async (context) => {
    const name = nameOf(context)
    if (!name.ok) return badName(context, name.reason)
    const entry = await catalogue.get(name.id)
    return entry === undefined ? absent(context) : context.json(view(entry))
  })

  app.patch(`${PATH}*`, async (context) => {
    const name = nameOf(context)
    if (!name.ok) return badName(context, name.reason)
    const body = await readTitle(context)
    if (!body.ok) return body.response
    const entry = (await catalogue.setTitle(name.id, body.title, clock.now())) ?? (await adopt(name.id, body.title))
    return context.json(view(entry))
  })

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

function view({ document, kind, title, createdMs, changedMs }: CatalogueEntry): Record<string, string | number> {
  return { id: document, kind, title, createdMs, changedMs }
}

/** The document's name, from the address as it was sent: the router's own decoding would decode twice. */
function nameOf(context: Context): ReturnType<typeof documentName> {
  const { pathname } = new URL(context.req.url)
  return documentName(pathname.slice(PATH.length))
}

function absent(context: Context): Response {
  return problem(context, 404, { code: "QUIRE_NOT_FOUND", message: "there is no such document" })
}

function badName(context: Context, reason: string): Response {
  return problem(context, 400, { code: "QUIRE_NAME", message: reason })
}

type Titled = { readonly ok: true; readonly title: string } | { readonly ok: false; readonly response: Response }

async function readTitle(context: Context): Promise<Titled> {
  const refuse = (status: 400 | 413 | 415, code: string, message: string): Titled => ({
    ok: false,
    response: problem(context, status, { code, message }),
  })
  if (!/^application\/json\b/i.test(context.req.header("content-type") ?? "")) {
    return refuse(415, "QUIRE_NOT_JSON", "send the body as application/json")
  }
  const text = await readText(context.req.raw)
  if (text === undefined) return refuse(413, "QUIRE_BODY_TOO_LARGE", `the body is over ${BODY_BYTES} bytes`)
  const parsed = TITLED.safeParse(parseJson(text))
  if (parsed.success) return { ok: true, title: parsed.data.title }
  return refuse(400, "QUIRE_TITLE", parsed.error.issues[0]?.message ?? 'the body must be {"title": text}')
}

async function readText(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is for the schema to refuse, with its own sentence.
    return undefined
  }
}
