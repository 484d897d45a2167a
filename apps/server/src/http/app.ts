import type { Clock, Random } from "@quire/base"
import type { Catalogue, Log } from "@quire/storage"
import { Hono } from "hono"
import type { Logger } from "pino"
import type { Members } from "../auth/members.js"
import type { OriginRule } from "../origin.js"
import { accountRoutes } from "./accounts.js"
import { documentRoutes } from "./documents.js"
import { securityHeaders } from "./headers.js"
import { healthRoutes } from "./health.js"
import { openRoutes } from "./open.js"
import { answerError, problem } from "./problem.js"
import { staticRoutes } from "./static.js"
import type { Visitors } from "./visitor.js"

/** What the HTTP side needs. */
export interface AppSetting {
  readonly log: Pick<Log, "getHealth">
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly isAllowed: OriginRule
  /** Folder of the built web app. */
  readonly webFolder: string
  /** Who may do what; left out in open mode. */
  readonly members?: Members | undefined
  readonly visitors: Visitors
}

/** All routes, as a list. */
export async function createApp(setting: AppSetting): Promise<Hono> {
  const app = new Hono()
  app.use(securityHeaders)
  app.use("/api/*", async (context, next) => {
    const { method } = context.req
    const isSafe = method === "GET" || method === "HEAD"
    if (isSafe || setting.isAllowed(context.req.header("origin"), context.req.header("host"))) return next()
    return problem(context, 403, { code: "QUIRE_ORIGIN", message: "pages of this origin may not do that" })
  })
  app.route("/", healthRoutes(setting.log))
  app.route("/", documentRoutes(setting))
  if (setting.members === undefined) app.route("/", openRoutes())
  else app.route("/", accountRoutes(setting.members, setting.visitors))
  app.all("/api/*", (context) => problem(context, 404, { code: "QUIRE_NOT_FOUND", message: "there is no such route" }))
  app.route("/", await staticRoutes(setting.webFolder))
  app.onError(answerError(setting.logger))
  return app
}
