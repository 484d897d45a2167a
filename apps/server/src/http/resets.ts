import type { Account } from "@quire/storage"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { audited, type Members } from "../auth/members.js"
import { wrongPassword } from "../auth/passwords.js"
import { PASSWORD_TEXT } from "../auth/people.js"
import { accountOfReset, newReset } from "../auth/resets.js"
import { aboutServer, signInAs } from "./accounts.js"
import { adminOf, stillAdmin } from "./admin.js"
import { readJson } from "./body.js"
import { problem } from "./problem.js"
import { baseOf, notFound, tooManyTries, type Visitors } from "./visitor.js"

const SECRET = z.string("the secret must be text").max(200, "the secret is too long")
const OPEN = z.object({ secret: SECRET })
const USE = z.object({ secret: SECRET, password: PASSWORD_TEXT })
const NOTHING = z.object({})

/** `/api/people/ID/reset`, `/api/resets/…`: another password for whoever has lost theirs. */
export function resetRoutes(members: Members, visitors: Visitors): Hono {
  const app = new Hono()
  const { directory, clock, passwords, tries } = members

  app.post("/api/people/:id/reset", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    const body = await readJson(context, NOTHING)
    if (!body.ok) return body.response
    const actor = stillAdmin(members, context, admin)
    if (actor instanceof Response) return actor
    const account = directory.account(context.req.param("id"))
    if (account === undefined) return notFound(context, "there is no such person")
    const refusal = refusalOf(account)
    if (refusal !== undefined) return problem(context, 409, refusal)
    const { reset, secret } = newReset(account, actor.user, members)
    await directory.change({
      put: [reset],
      audit: [{ ...audited(clock, actor, { what: "reset.made", whom: account.email }), document: undefined }],
    })
    const url = `${baseOf(context, visitors.isSecure(context))}/reset/${secret}`
    return context.json({ url, expiresMs: reset.expiresMs }, 201)
  })

  app.post("/api/resets/open", async (context) => {
    const body = await readJson(context, OPEN)
    if (!body.ok) return body.response
    const account = accountOf(context, body.value.secret)
    if (account instanceof Response) return account
    return context.json({ name: account.name, email: account.email })
  })

  app.post("/api/resets/use", async (context) => {
    const body = await readJson(context, USE)
    if (!body.ok) return body.response
    const { secret, password } = body.value
    const found = accountOf(context, secret)
    if (found instanceof Response) return found
    const wrong = wrongPassword(password, [found.name, found.email])
    if (wrong !== undefined) return problem(context, 400, { code: "QUIRE_PASSWORD", message: wrong })
    const passwordHash = await passwords.hash(password)
    // The hash took a while: the link may have been used, or have ended with what it rests on.
    const account = accountOfReset(directory, secret, clock.now())
    if (account === undefined) return gone(context)
    const next: Account = { ...account, passwordHash }
    await directory.change({
      put: [next],
      remove: [
        { kind: "reset", id: account.id },
        ...directory.signInsOf(account.id).map(({ id }) => ({ kind: "sign-in", id }) as const),
      ],
      audit: [aboutServer(members, account, "reset.used")],
    })
    return await signInAs(members, visitors, { context, account: next, status: 200 })
  })

  /** Whose password a secret lets one choose; or the answer to whoever has none. */
  function accountOf(context: Context, secret: string): Account | Response {
    const address = visitors.addressOf(context)
    const waitSeconds = tries.misses.waitSeconds(address)
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    const account = accountOfReset(directory, secret, clock.now())
    if (account !== undefined) return account
    tries.misses.take(address)
    return gone(context)
  }

  return app
}

function gone(context: Context): Response {
  return notFound(context, "there is no such link to choose a new password")
}

/** Why an administrator makes no link for an account, if so. */
function refusalOf(
  account: Account,
): { readonly code: string; readonly message: string; readonly hint: string } | undefined {
  if (account.isAdmin) {
    return {
      code: "QUIRE_RESET_ADMIN",
      message: "no administrator chooses another one's password",
      hint: "Take that role away first, or use quire reset-link where the server's data is.",
    }
  }
  if (account.isSuspended) {
    return { code: "QUIRE_SUSPENDED", message: "this person is kept out", hint: "Let them in again first." }
  }
  if (account.passwordHash === "") {
    return {
      code: "QUIRE_NO_PASSWORD",
      message: "this person signs in elsewhere and has no password here",
      hint: "Whoever runs that sign-in can help.",
    }
  }
  return undefined
}
