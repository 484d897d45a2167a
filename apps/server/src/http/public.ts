import type { Publication } from "@quire/storage"
import { type Context, Hono } from "hono"
import type { Logger } from "pino"
import type { Tries } from "../auth/tries.js"
import type { PublicPages } from "../public-pages.js"
import { publicNotice } from "./public-page.js"
import type { Visitors } from "./visitor.js"

/** What public pages may do: nothing but look as their own stylesheet says. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

/** The app is not for search engines; whether a public page is, it says itself, which they must be able to read. */
const ROBOTS = "User-agent: *\nAllow: /p/\nAllow: /public-page.css\nDisallow: /\n"

/** 16 bytes in base64url. */
const ADDRESS = /^[A-Za-z0-9_-]{21}[AQgw]$/

/** What the routes need. */
export interface PublicSetting {
  readonly pages: PublicPages
  readonly visitors: Visitors
  readonly logger: Logger
  /** The page of an address, if there is one. */
  readonly find: (address: string) => Publication | undefined
  /** Readings, by network address. */
  readonly readings: Tries
}

/** `/p/ADDRESS`, for people who only read, and `/robots.txt`. */
export function publicRoutes({ pages, visitors, logger, find, readings }: PublicSetting): Hono {
  const app = new Hono()

  app.get("/robots.txt", (context) => context.text(ROBOTS))

  app.get("/p/*", async (context) => {
    const waitSeconds = readings.take(visitors.addressOf(context))
    if (waitSeconds > 0) {
      context.header("Retry-After", String(waitSeconds))
      return notice(context, 429, "One moment", "Your network asks for very many pages. Try again in a minute.")
    }
    const address = new URL(context.req.url).pathname.slice("/p/".length)
    const publication = ADDRESS.test(address) ? find(address) : undefined
    if (publication === undefined) return notice(context, 404, "There is nothing here", NOTHING)
    const made = await pages.page(publication).catch((error: unknown) => {
      logger.error({ event: "public-page.failed", document: publication.document, reason: String(error) })
      return undefined
    })
    if (made === undefined) return notice(context, 503, "This page cannot be shown now", FAILED)
    // It may have been taken away, or listed, meanwhile.
    if (find(address) !== publication) return notice(context, 404, "There is nothing here", NOTHING)
    protect(context, publication.isIndexed)
    context.header("ETag", made.etag)
    // Asked for again each time, so that a page that was taken away is away.
    context.header("Cache-Control", "no-cache")
    if (context.req.header("if-none-match") === made.etag) return context.body(null, 304)
    return context.html(made.html)
  })

  return app
}

function notice(context: Context, status: 404 | 429 | 503, title: string, sentence: string): Response {
  protect(context, false)
  return context.html(publicNotice(title, sentence), status) as Response
}

function protect(context: Context, isIndexed: boolean): void {
  context.header("Content-Security-Policy", POLICY)
  if (!isIndexed) context.header("X-Robots-Tag", "noindex, nofollow")
}

const NOTHING = "There is no public page at this address, or it was taken away."
const FAILED = "The server could not read it. Whoever runs the server finds the reason in its log."
