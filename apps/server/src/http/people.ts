import type { Account, Directory } from "@quire/storage"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { audited, type Members } from "../auth/members.js"
import { wrongPassword } from "../auth/passwords.js"
import { EMAIL_TEXT, NAME_TEXT, PASSWORD_TEXT } from "../auth/people.js"
import { hashSecret, newId, newSecret } from "../auth/secrets.js"
import { newAccount, signInAs } from "./accounts.js"
import { adminOf, stillAdmin } from "./admin.js"
import { readJson } from "./body.js"
import { problem } from "./problem.js"
import { baseOf, mustSignIn, notFound, tooManyTries, type Visitors } from "./visitor.js"

/** An invitation is good for so long. */
export const INVITATION_MS: number = 7 * 86_400_000

const SECRET = z.string("the secret must be text").max(200, "the secret is too long")
const CHANGE = z
  .object({
    isSuspended: z.boolean("isSuspended must be true or false").optional(),
    isAdmin: z.boolean("isAdmin must be true or false").optional(),
  })
  .refine(({ isSuspended, isAdmin }) => isSuspended !== undefined || isAdmin !== undefined, "say what is to change")
const INVITE = z.object({ email: EMAIL_TEXT.optional() })
const OPEN = z.object({ secret: SECRET })
const ACCEPT = z.object({ secret: SECRET, name: NAME_TEXT, email: EMAIL_TEXT, password: PASSWORD_TEXT })

/** `/api/people`, `/api/invitations`, and the server's own `/api/audit`. */
export function peopleRoutes(members: Members, visitors: Visitors): Hono {
  const app = new Hono()
  const { directory, clock, random, passwords, tries } = members

  app.get("/api/people", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    const people = directory.accounts().map(({ id, name, email, isAdmin, createdMs, isSuspended }) => ({
      id,
      name,
      email,
      isAdmin,
      createdMs,
      isSuspended,
    }))
    return context.json({ people })
  })

  app.patch("/api/people/:id", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    const body = await readJson(context, CHANGE)
    if (!body.ok) return body.response
    const actor = stillAdmin(members, context, admin)
    if (actor instanceof Response) return actor
    const account = directory.account(context.req.param("id"))
    if (account === undefined) return notFound(context, "there is no such person")
    const { isSuspended = account.isSuspended, isAdmin = account.isAdmin } = body.value
    if (isSuspended && account.email === actor.email) {
      return problem(context, 409, { code: "QUIRE_SELF", message: "nobody suspends oneself" })
    }
    const next: Account = { ...account, isSuspended, isAdmin }
    if (!hasAdministrator(directory, next)) {
      return problem(context, 409, {
        code: "QUIRE_LAST_ADMIN",
        message: "nobody would look after the server's people any more",
        hint: "Make somebody else an administrator first.",
      })
    }
    const signIns = isSuspended ? directory.signInsOf(account.id) : []
    await directory.change({
      put: [next],
      remove: [
        ...signIns.map(({ id }) => ({ kind: "sign-in", id }) as const),
        // What another administrator made for somebody whose standing was another one.
        { kind: "reset", id: account.id },
      ],
      audit: deedsOf(account, next).map((what) => ({
        ...audited(clock, actor, { what, whom: account.email }),
        document: undefined,
      })),
    })
    const { id, name, email, createdMs } = account
    return context.json({ id, name, email, isAdmin, createdMs, isSuspended })
  })

  app.get("/api/invitations", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    const invitations = directory
      .invitations()
      .filter(({ expiresMs }) => expiresMs > clock.now())
      .map(({ id, email, createdMs, expiresMs }) => ({ id, createdMs, expiresMs, ...(email === "" ? {} : { email }) }))
    return context.json({ invitations })
  })

  app.post("/api/invitations", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    const body = await readJson(context, INVITE)
    if (!body.ok) return body.response
    const { email = "" } = body.value
    if (email !== "" && directory.accountByEmail(email) !== undefined) return emailTaken(context)
    const over = directory.invitations().filter(({ expiresMs }) => expiresMs <= clock.now())
    const me = directory.accountByEmail(admin.email)
    if (me === undefined) return mustSignIn(context)
    const secret = newSecret(random)
    const createdMs = clock.now()
    const expiresMs = createdMs + INVITATION_MS
    const id = newId(random)
    const secretHash = hashSecret(secret)
    await directory.change({
      remove: over.map((one) => ({ kind: "invitation", id: one.id })),
    })
    await directory.change({
      put: [{ kind: "invitation", id, secretHash, email, invitedBy: me.id, createdMs, expiresMs }],
      audit: [{ ...audited(clock, admin, { what: "invitation.made", whom: email }), document: undefined }],
    })
    const url = `${baseOf(context, visitors.isSecure(context))}/join/${secret}`
    return context.json({ id, url, expiresMs, ...(email === "" ? {} : { email }) }, 201)
  })

  app.delete("/api/invitations/:id", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    const found = directory.invitations().find(({ id }) => id === context.req.param("id"))
    if (found === undefined) return notFound(context, "there is no such invitation")
    await directory.change({
      remove: [{ kind: "invitation", id: found.id }],
      audit: [{ ...audited(clock, admin, { what: "invitation.revoked", whom: found.email }), document: undefined }],
    })
    return context.body(null, 204)
  })

  app.post("/api/invitations/open", async (context) => {
    const body = await readJson(context, OPEN)
    if (!body.ok) return body.response
    const found = invitationOf(context, body.value.secret)
    if (found instanceof Response) return found
    const invitedBy = directory.account(found.invitedBy)?.name ?? ""
    return context.json({ invitedBy, ...(found.email === "" ? {} : { email: found.email }) })
  })

  app.post("/api/invitations/accept", async (context) => {
    const body = await readJson(context, ACCEPT)
    if (!body.ok) return body.response
    const { secret, name, email, password } = body.value
    const found = invitationOf(context, secret)
    if (found instanceof Response) return found
    if (found.email !== "" && found.email !== email) {
      return problem(context, 400, {
        code: "QUIRE_EMAIL_OTHER",
        message: "this invitation is for another e-mail address",
      })
    }
    if (directory.accountByEmail(email) !== undefined) return emailTaken(context)
    const wrong = wrongPassword(password, [name, email])
    if (wrong !== undefined) return problem(context, 400, { code: "QUIRE_PASSWORD", message: wrong })
    const passwordHash = await passwords.hash(password)
    // The hash took a while: somebody else may have used the invitation or the address.
    if (invitationOf(context, secret) instanceof Response) return notFound(context, "there is no such invitation")
    if (directory.accountByEmail(email) !== undefined) return emailTaken(context)
    const account = newAccount(members, { name, email }, { passwordHash, isAdmin: false })
    const entry = { timeMs: clock.now(), who: `account:${account.id}`, name, whom: email, detail: "" }
    await directory.change({
      put: [account],
      remove: [{ kind: "invitation", id: found.id }],
      audit: [{ ...entry, what: "account.made", document: undefined }],
    })
    return await signInAs(members, visitors, { context, account, status: 201 })
  })

  app.get("/api/audit", async (context) => {
    const admin = await adminOf(members, context)
    if (admin instanceof Response) return admin
    return context.json({ entries: await directory.audit(undefined, 200) })
  })

  /** The invitation of a secret; or the answer to whoever has none. */
  function invitationOf(context: Context, secret: string) {
    const address = visitors.addressOf(context)
    const waitSeconds = tries.misses.waitSeconds(address)
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    const found = directory.invitationBySecret(hashSecret(secret))
    if (found !== undefined && found.expiresMs > clock.now()) return found
    tries.misses.take(address)
    return notFound(context, "there is no such invitation")
  }

  return app
}

/** Whether somebody who is not kept out looks after people, once an account is what is given. */
function hasAdministrator(directory: Directory, next: Account): boolean {
  const accounts = directory.accounts().map((one) => (one.id === next.id ? next : one))
  return accounts.some(({ isAdmin, isSuspended }) => isAdmin && !isSuspended)
}

/** What was done to an account, by the audit log's names. */
function deedsOf(before: Account, next: Account): readonly string[] {
  const deeds: string[] = []
  if (before.isSuspended !== next.isSuspended) deeds.push(next.isSuspended ? "person.suspended" : "person.restored")
  if (before.isAdmin !== next.isAdmin) deeds.push(next.isAdmin ? "admin.made" : "admin.unmade")
  return deeds
}

function emailTaken(context: Context): Response {
  return problem(context, 409, { code: "QUIRE_EMAIL_TAKEN", message: "there is an account with this e-mail address" })
}
