import { type Context, Hono } from "hono"
import type { Logger } from "pino"
import type { Members } from "../auth/members.js"
import { OIDC_PENDING_MS, type Oidc } from "../auth/oidc.js"
import { accountOf } from "../auth/oidc-account.js"
import { aboutServer } from "./accounts.js"
import { goingTo } from "./going.js"
import { agentOf, baseOf, keep, tooManyTries, type Visitors } from "./visitor.js"

/** Where the provider sends browsers back to: to be registered there after the server's address. */
const CALLBACK = "/api/oidc/callback"
const TICKET = /(?:^|; )(?:__Host-)?quire-oidc=([A-Za-z0-9_-]{43})(?:;|$)/

/**
 * `/api/oidc/start?to=PATH` and `/api/oidc/callback`: pages, not calls, so failures lead to `/sign-in?problem=CODE`, which
 * still knows the path. The callback changes something by GET, as the protocol wants; state, nonce and the cookie of the
 * browser that began stand for the Origin.
 */
export function oidcRoutes(oidc: Oidc, members: Members, visitors: Visitors, logger: Logger): Hono {
  const app = new Hono()
  const { directory, signIns, tries } = members

  app.get("/api/oidc/start", async (context) => {
    const waitSeconds = tries.address.take(visitors.addressOf(context))
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    const isSecure = visitors.isSecure(context)
    const to = goingTo(context.req.query("to"))
    try {
      const { url, ticket } = await oidc.begin(`${baseOf(context, isSecure)}${CALLBACK}`, to)
      setTicket(context, isSecure, ticket)
      return context.redirect(url)
    } catch (error) {
      logger.warn({ event: "oidc.unreachable", reason: String(error) })
      return refused(context, "QUIRE_OIDC_UNREACHABLE", to)
    }
  })

  app.get(CALLBACK, async (context) => {
    const ticket = TICKET.exec(context.req.header("cookie") ?? "")?.[1] ?? ""
    setTicket(context, visitors.isSecure(context), "")
    const { person, to } = await oidc.finish(ticket, new URL(context.req.url).search)
    if (typeof person === "string") {
      logger.info({ event: "oidc.refused", reason: person })
      return refused(context, "QUIRE_OIDC_REFUSED", to)
    }
    const account = await accountOf(members, person, oidc.setting.join)
    if (typeof account === "string") {
      logger.info({ event: "oidc.refused", reason: account })
      return refused(context, account, to)
    }
    const before = signIns.ofCookie(context.req.header("cookie"))
    keep(context, visitors, await signIns.start(account, agentOf(context), before))
    await directory.change({ audit: [aboutServer(members, account, "signed-in")] })
    return context.redirect(to)
  })

  return app
}

function refused(context: Context, code: string, to: string): Response {
  return context.redirect(`/sign-in?problem=${code}${to === "/" ? "" : `&to=${encodeURIComponent(to)}`}`)
}

/** Binds a sign-in to the browser that began it. @param ticket the empty string takes it back. */
function setTicket(context: Context, isSecure: boolean, ticket: string): void {
  const age = ticket === "" ? 0 : OIDC_PENDING_MS / 1_000
  const cookie = `${isSecure ? "__Host-" : ""}quire-oidc=${ticket}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax`
  context.header("Set-Cookie", isSecure ? `${cookie}; Secure` : cookie, { append: true })
}
