import type { Clock, DocumentId, Random } from "@quire/base"
import type { Catalogue, DocumentKind, DocumentLog } from "@quire/storage"
import { Hono } from "hono"
import type { Logger } from "pino"
import type { Members } from "../auth/members.js"
import type { Oidc } from "../auth/oidc.js"
import { Tries } from "../auth/tries.js"
import type { OriginRule } from "../origin.js"
import { PublicPages } from "../public-pages.js"
import { accountRoutes } from "./accounts.js"
import { documentRoutes } from "./documents.js"
import { securityHeaders } from "./headers.js"
import { healthRoutes } from "./health.js"
import { oidcRoutes } from "./oidc.js"
import { openRoutes } from "./open.js"
import { peopleRoutes } from "./people.js"
import { answerError, problem } from "./problem.js"
import { publicRoutes } from "./public.js"
import { resetRoutes } from "./resets.js"
import { sharingRoutes } from "./sharing.js"
import { staticRoutes } from "./static.js"
import type { Visitors } from "./visitor.js"

/** Public pages that one network address may read in a minute. docs/limits.md. */
export const READINGS = 300

/** What the HTTP side needs. */
export interface AppSetting {
  readonly log: Pick<DocumentLog, "getHealth" | "head" | "load">
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly isAllowed: OriginRule
  /** Whose pages may show the editor in a frame; none if left out. */
  readonly frameOrigins?: readonly string[]
  /** Folder of the built web app. */
  readonly webFolder: string
  /** Who may do what; left out in open mode. */
  readonly members?: Members | undefined
  readonly visitors: Visitors
  /** A page's text as markup, from the updates that its document is made of. */
  readonly renderPage: (updates: readonly Uint8Array[]) => Promise<string>
  /** The identity provider, if there is one. */
  readonly oidc?: Oidc | undefined
}

/** All routes, as a list. */
export async function createApp(setting: AppSetting): Promise<Hono> {
  const app = new Hono()
  app.use(securityHeaders((context) => setting.visitors.isSecure(context), setting.frameOrigins ?? []))
  app.use("/api/*", async (context, next) => {
    const { method } = context.req
    const isSafe = method === "GET" || method === "HEAD"
    const origin = context.req.header("origin")
    // A browser that says where a request comes from, and leaves the Origin out, is not let through by that.
    const isForeign = origin === undefined && /^(cross|same)-site$/.test(context.req.header("sec-fetch-site") ?? "")
    if (isSafe || (!isForeign && setting.isAllowed(origin, context.req.header("host")))) return next()
    return problem(context, 403, { code: "QUIRE_ORIGIN", message: "pages of this origin may not do that" })
  })
  app.route("/", healthRoutes(setting.log))
  app.route("/", documentRoutes(setting))
  if (setting.members === undefined) app.route("/", openRoutes())
  else {
    const { members, visitors, catalogue } = setting
    const titleOf = async (document: DocumentId): Promise<string> => (await catalogue.get(document))?.title ?? ""
    app.route("/", accountRoutes(members, visitors))
    app.route("/", peopleRoutes(members, visitors))
    app.route("/", resetRoutes(members, visitors))
    const kindOf = async (document: DocumentId): Promise<DocumentKind | undefined> =>
      (await catalogue.get(document))?.kind
    app.route("/", sharingRoutes({ members, visitors, titleOf, kindOf }))
  }
  const { members, visitors, logger, clock } = setting
  app.route(
    "/",
    publicRoutes({
      pages: new PublicPages({ ...setting, render: setting.renderPage }),
      visitors,
      logger,
      // Without accounts nobody owns a page, so nobody can make it public.
      find: (address) => members?.directory.publicationAt(address),
      readings: new Tries(clock, READINGS),
    }),
  )
  if (setting.members !== undefined && setting.oidc !== undefined) {
    app.route("/", oidcRoutes(setting.oidc, setting.members, setting.visitors, setting.logger))
  }
  app.all("/api/*", (context) => problem(context, 404, { code: "QUIRE_NOT_FOUND", message: "there is no such route" }))
  app.route("/", await staticRoutes(setting.webFolder))
  app.onError(answerError(setting.logger))
  return app
}
