import type { Account } from "@quire/storage"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { audited, type Members } from "../auth/members.js"
import { wrongPassword } from "../auth/passwords.js"
import { COLOR_TEXT, EMAIL_TEXT, NAME_TEXT, PASSWORD_TEXT, someColor } from "../auth/people.js"
import type { Principal } from "../auth/principal.js"
import { newId } from "../auth/secrets.js"
import { readJson } from "./body.js"
import { problem } from "./problem.js"
import { agentOf, forget, keep, mustSignIn, principalOf, tooManyTries, type Visitors } from "./visitor.js"

const SECRET = z.string("the secret must be text").max(200, "the secret is too long")
const NEW_PERSON = { name: NAME_TEXT, email: EMAIL_TEXT, password: PASSWORD_TEXT }
const SET_UP = z.object({ secret: SECRET, ...NEW_PERSON })
const SIGN_IN = z.object({ email: z.string("the e-mail address must be text").max(1_016), password: PASSWORD_TEXT })
const PATCH = z.object({ name: NAME_TEXT.optional(), color: COLOR_TEXT.optional() })
const CHANGE = z.object({ current: PASSWORD_TEXT, next: PASSWORD_TEXT })

/** A person who wants an account. */
export interface NewPerson {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** `/api/session`, `/api/setup`, `/api/sign-in`, `/api/sign-out`, `/api/sessions`, `/api/account`. */
export function accountRoutes(members: Members, visitors: Visitors): Hono {
  const app = new Hono()
  const { directory, clock, signIns, passwords, tries } = members

  app.get("/api/session", async (context) => {
    const principal = await principalOf(members, context)
    return context.json({
      mode: "members",
      person: personOf(principal),
      signIn: { password: true, oidc: members.oidcName === undefined ? null : { name: members.oidcName } },
      needsSetup: members.setUp.isNeeded,
    })
  })

  app.post("/api/setup", async (context) => {
    const body = await readJson(context, SET_UP)
    if (!body.ok) return body.response
    const waitSeconds = tries.misses.waitSeconds(visitors.addressOf(context))
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    if (!members.setUp.isOpenedBy(body.value.secret)) {
      tries.misses.take(visitors.addressOf(context))
      return problem(context, 404, {
        code: "QUIRE_NOT_FOUND",
        message: "this set-up link is not good, or was used",
        hint: "The server prints a new one at each start, until there is an account.",
      })
    }
    const wrong = wrongPassword(body.value.password, [body.value.name, body.value.email])
    if (wrong !== undefined) return problem(context, 400, { code: "QUIRE_PASSWORD", message: wrong })
    const passwordHash = await passwords.hash(body.value.password)
    // Of two who came with the same link, one was first.
    if (!members.setUp.isOpenedBy(body.value.secret)) {
      return problem(context, 404, { code: "QUIRE_NOT_FOUND", message: "this set-up link is not good, or was used" })
    }
    const account = newAccount(members, body.value, { passwordHash, isAdmin: true })
    await directory.change({ put: [account], audit: [aboutServer(members, account, "account.set-up")] })
    return await welcome(context, account, 201)
  })

  app.post("/api/sign-in", async (context) => {
    const body = await readJson(context, SIGN_IN)
    if (!body.ok) return body.response
    const address = visitors.addressOf(context)
    const email = EMAIL_TEXT.safeParse(body.value.email)
    const waitSeconds =
      tries.address.take(address) || tries.account.take(`${address} ${email.success ? email.data : ""}`)
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    const account = email.success ? directory.accountByEmail(email.data) : undefined
    const isRight = await passwords.verify(account?.passwordHash, body.value.password)
    // As things stand now: the check took a while.
    const now = account === undefined ? undefined : directory.account(account.id)
    if (!isRight || now === undefined || now.isSuspended || now.passwordHash !== account?.passwordHash) {
      return problem(context, 401, {
        code: "QUIRE_SIGN_IN_WRONG",
        message: "the e-mail address or the password is wrong",
      })
    }
    return await welcome(context, now, 200)
  })

  app.post("/api/sign-out", async (context) => {
    const signIn = signIns.ofCookie(context.req.header("cookie"))
    if (signIn !== undefined) await directory.change({ remove: [{ kind: "sign-in", id: signIn.id }] })
    forget(context, visitors)
    return context.body(null, 204)
  })

  app.get("/api/sessions", async (context) => {
    const principal = await principalOf(members, context)
    if (principal.kind !== "account") return mustSignIn(context)
    const sessions = mine(principal).map(({ id, createdMs, seenMs, agent }) => ({
      id,
      createdMs,
      seenMs,
      agent,
      isThis: id === principal.session,
    }))
    return context.json({ sessions })
  })

  app.delete("/api/sessions", async (context) => {
    const principal = await principalOf(members, context)
    if (principal.kind !== "account") return mustSignIn(context)
    const others = mine(principal).filter(({ id }) => id !== principal.session)
    await directory.change({
      remove: others.map(({ id }) => ({ kind: "sign-in", id })),
      audit: [{ ...audited(clock, principal, { what: "sessions.ended" }), document: undefined }],
    })
    return context.body(null, 204)
  })

  app.delete("/api/sessions/:id", async (context) => {
    const principal = await principalOf(members, context)
    if (principal.kind !== "account") return mustSignIn(context)
    const found = mine(principal).find(({ id }) => id === context.req.param("id"))
    if (found === undefined)
      return problem(context, 404, { code: "QUIRE_NOT_FOUND", message: "there is no such session" })
    await directory.change({
      remove: [{ kind: "sign-in", id: found.id }],
      audit: [{ ...audited(clock, principal, { what: "session.ended" }), document: undefined }],
    })
    return context.body(null, 204)
  })

  app.patch("/api/account", async (context) => {
    const principal = await principalOf(members, context)
    if (principal.kind !== "account" && principal.kind !== "guest") return mustSignIn(context)
    const body = await readJson(context, PATCH)
    if (!body.ok) return body.response
    const before =
      principal.kind === "guest" ? directory.signIn(principal.session) : directory.accountByEmail(principal.email)
    if (before === undefined) return mustSignIn(context)
    const { name = before.name, color = before.color } = body.value
    await directory.change({ put: [{ ...before, name, color }] })
    return context.json(personOf(members.principals.again(principal)))
  })

  app.post("/api/account/password", async (context) => {
    const principal = await principalOf(members, context)
    if (principal.kind !== "account") return mustSignIn(context)
    const body = await readJson(context, CHANGE)
    if (!body.ok) return body.response
    const waitSeconds = tries.account.take(`${visitors.addressOf(context)} ${principal.email}`)
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    const account = directory.accountByEmail(principal.email)
    if (!(await passwords.verify(account?.passwordHash, body.value.current))) {
      return problem(context, 401, { code: "QUIRE_SIGN_IN_WRONG", message: "the current password is wrong" })
    }
    const wrong = wrongPassword(body.value.next, [principal.name, principal.email])
    if (wrong !== undefined) return problem(context, 400, { code: "QUIRE_PASSWORD", message: wrong })
    const passwordHash = await passwords.hash(body.value.next)
    const now = directory.accountByEmail(principal.email)
    if (now === undefined || now.isSuspended || members.principals.again(principal).kind === "nobody") {
      return mustSignIn(context)
    }
    await directory.change({
      put: [{ ...now, passwordHash }],
      // Whoever knew the old one is out, and this browser's secret is a new one.
      remove: [
        ...mine(principal)
          .filter(({ id }) => id !== principal.session)
          .map(({ id }) => ({ kind: "sign-in", id }) as const),
        // The person knows the password after all: nobody may choose another one with a link that lies about.
        { kind: "reset", id: now.id },
      ],
      audit: [{ ...audited(clock, principal, { what: "password.changed" }), document: undefined }],
    })
    keep(context, visitors, await signIns.start(now, agentOf(context), directory.signIn(principal.session)))
    return context.body(null, 204)
  })

  const mine = (principal: Principal & { readonly kind: "account" }) => {
    const account = directory.accountByEmail(principal.email)
    return account === undefined ? [] : directory.signInsOf(account.id).filter(({ id }) => signIns.isGood(id))
  }

  /** Signs somebody in who has just shown who it is. */
  async function welcome(context: Context, account: Account, status: 200 | 201): Promise<Response> {
    return await signInAs(members, visitors, { context, account, status })
  }

  return app
}

/** Signs somebody in who has shown who it is, and answers with the person. */
export async function signInAs(
  members: Members,
  visitors: Visitors,
  { context, account, status }: { readonly context: Context; readonly account: Account; readonly status: 200 | 201 },
): Promise<Response> {
  const { signIns, directory } = members
  const before = signIns.ofCookie(context.req.header("cookie"))
  const started = await signIns.start(account, agentOf(context), before)
  await directory.change({ audit: [aboutServer(members, account, "signed-in")] })
  keep(context, visitors, started)
  return context.json(personOf(members.principals.ofSignIn(started.signIn)), status)
}

/** The record of somebody new. */
export function newAccount(
  { clock, random }: Pick<Members, "clock" | "random">,
  person: Pick<NewPerson, "name" | "email">,
  part: { readonly passwordHash: string; readonly isAdmin: boolean; readonly external?: string },
): Account {
  const { passwordHash, isAdmin, external = "" } = part
  return {
    kind: "account",
    id: newId(random),
    email: person.email,
    name: person.name,
    color: someColor(random),
    passwordHash,
    external,
    isAdmin,
    isSuspended: false,
    createdMs: clock.now(),
  }
}

/** An entry for the server's own audit log, by somebody. */
export function aboutServer(
  { clock }: Pick<Members, "clock">,
  account: Account,
  what: string,
): ReturnType<typeof audited> & { readonly document: undefined } {
  const { id, name, email } = account
  return { timeMs: clock.now(), who: `account:${id}`, name, what, whom: email, detail: "", document: undefined }
}

/** A person as the API shows it; nobody is `null`. */
export function personOf(principal: Principal): object | null {
  if (principal.kind === "nobody") return null
  const { kind, user: id, name, color } = principal
  if (kind !== "account") return { kind, id, name, color, isAdmin: false }
  return { kind, id, name, color, email: principal.email, isAdmin: principal.isAdmin }
}
