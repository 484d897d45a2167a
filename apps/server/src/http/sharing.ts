import { mayDo, type Operation, ROLES, type Role } from "@quire/access"
import type { DocumentId } from "@quire/base"
import {
  DIRECTORY_LIMITS,
  type DocumentAccess,
  type DocumentKind,
  type Publication,
  type ShareLink,
  type SignIn,
} from "@quire/storage"
import { type Context, Hono } from "hono"
import { z } from "zod"
import { audited, type Members } from "../auth/members.js"
import { cleanName, EMAIL_TEXT, NAME_LENGTH, NAME_TEXT, PASSWORD_TEXT, someColor } from "../auth/people.js"
import { accountOf, isGood, userOf } from "../auth/principal.js"
import { hashSecret, newId, newSecret } from "../auth/secrets.js"
import { type Allowed, allow as allowFor, forbidden } from "./allowed.js"
import { readJson } from "./body.js"
import { problem } from "./problem.js"
import { agentOf, baseOf, keep, notFound, principalOf, tooManyTries, type Visitors } from "./visitor.js"

/** Most share links of one document. */
export const LINKS_OF_A_DOCUMENT = 100
/** Entries of an audit log that are answered. */
const ENTRIES = 200

const ROLE = z.enum(ROLES as [Role, ...Role[]], "a role is owner, editor, commenter or viewer")
const GIVE = z.object({ email: EMAIL_TEXT, role: ROLE.nullable() })
const LINK_ROLE = z.enum(["editor", "commenter", "viewer"], "a link's role is editor, commenter or viewer")
const WHOLE = (what: string): z.ZodInt => z.int(`${what} must be a whole number`).min(1, `${what} must be 1 or more`)
const MAKE = z.object({
  role: LINK_ROLE,
  password: PASSWORD_TEXT.optional(),
  expiresMs: WHOLE("expiresMs").nullish(),
  maxViews: WHOLE("maxViews").max(1_000_000_000, "maxViews is too large").nullish(),
  label: z.string("the label must be text").max(NAME_LENGTH, "the label is too long").transform(cleanName).optional(),
})
const PUBLISH = z.object({ isIndexed: z.boolean("isIndexed must be true or false") })
const OPEN = z.object({
  secret: z.string("the secret must be text").max(200, "the secret is too long"),
  password: PASSWORD_TEXT.optional(),
  name: NAME_TEXT.optional(),
})

/** What sharing works with. */
export interface SharingSetting {
  readonly members: Members
  readonly visitors: Visitors
  /** A document's title; empty if it has none. */
  readonly titleOf: (document: DocumentId) => Promise<string>
  /** What a document is; `undefined` if there is none. */
  readonly kindOf: (document: DocumentId) => Promise<DocumentKind | undefined>
}

/** `/api/access`, `/api/publication`, `/api/links`, `/api/link`, `/api/audit/NAME`. */
export function sharingRoutes({ members, visitors, titleOf, kindOf }: SharingSetting): Hono {
  const app = new Hono()
  const { directory, clock, random, passwords, principals, signIns, tries } = members

  app.get("/api/access/*", async (context) => {
    const allowed = await allow(context, "/api/access/", "see-access")
    if (allowed instanceof Response) return allowed
    const { document } = allowed
    const links = directory.linksOf(document).map(linkView)
    const publication = publicationView(context, directory.publication(document))
    return context.json({ members: (directory.access(document)?.members ?? []).map(memberView), links, publication })
  })

  app.put("/api/access/*", async (context) => {
    const allowed = await allow(context, "/api/access/", "share")
    if (allowed instanceof Response) return allowed
    const body = await readJson(context, GIVE)
    if (!body.ok) return body.response
    const { email, role } = body.value
    const account = directory.accountByEmail(email)
    if (account === undefined) {
      return problem(context, 404, {
        code: "QUIRE_NO_SUCH_PERSON",
        message: "nobody here has this e-mail address",
        hint: "Ask an administrator to invite this person, or make a link.",
      })
    }
    const { principal, document } = allowed
    const user = userOf(account.id)
    // A document from before there were accounts becomes the property of whoever shares it first.
    const before = directory.access(document)?.members ?? [{ user: principal.user, role: "owner" as const }]
    const others = before.filter((member) => member.user !== user)
    const after = role === null ? others : [...others, { user, role }]
    if (!after.some((member) => member.role === "owner")) {
      return problem(context, 409, {
        code: "QUIRE_LAST_OWNER",
        message: "a document needs an owner",
        hint: "Make somebody else its owner first.",
      })
    }
    if (after.length > DIRECTORY_LIMITS.members) {
      return problem(context, 409, {
        code: "QUIRE_TOO_MANY_MEMBERS",
        message: `a document has at most ${DIRECTORY_LIMITS.members} members`,
        hint: "Take a role from somebody who does not need it, or share by a link.",
      })
    }
    const what = role === null ? "role.taken" : "role.given"
    const deed = audited(clock, principal, { what, whom: email, detail: role ?? "" })
    await directory.change({ put: [{ kind: "access", document, members: after }], audit: [{ ...deed, document }] })
    return context.json({ ...memberView({ user, role: role ?? "viewer" }), role })
  })

  app.put("/api/publication/*", async (context) => {
    const allowed = await allow(context, "/api/publication/", "publish")
    if (allowed instanceof Response) return allowed
    const body = await readJson(context, PUBLISH)
    if (!body.ok) return body.response
    const { principal, document } = allowed
    if ((await kindOf(document)) !== "page") {
      return problem(context, 409, {
        code: "QUIRE_NOT_A_PAGE",
        message: "only pages of Quire's editor can be made public",
        hint: "Share a plain document by a link.",
      })
    }
    const before = directory.publication(document)
    if (before === undefined && !directory.hasRoom("publication")) {
      return problem(context, 409, {
        code: "QUIRE_TOO_MANY_PUBLIC",
        message: `the server has ${DIRECTORY_LIMITS.publications} public pages, its limit`,
        hint: "Take one away that nobody needs.",
      })
    }
    const { isIndexed } = body.value
    const publication: Publication = {
      kind: "publication",
      document,
      address: before?.address ?? newId(random),
      createdMs: before?.createdMs ?? clock.now(),
      madeBy: before?.madeBy ?? principal.user,
      isIndexed,
    }
    const deed = audited(clock, principal, { what: "page.published", detail: isIndexed ? "listed" : "" })
    await directory.change({ put: [publication], audit: [{ ...deed, document }] })
    return context.json(publicationView(context, publication))
  })

  app.delete("/api/publication/*", async (context) => {
    const allowed = await allow(context, "/api/publication/", "publish")
    if (allowed instanceof Response) return allowed
    const { principal, document } = allowed
    if (directory.publication(document) === undefined) return context.body(null, 204)
    const deed = audited(clock, principal, { what: "page.unpublished" })
    await directory.change({ remove: [{ kind: "publication", document }], audit: [{ ...deed, document }] })
    return context.body(null, 204)
  })

  app.post("/api/links/open", async (context) => {
    const body = await readJson(context, OPEN)
    if (!body.ok) return body.response
    return await open(context, body.value)
  })

  app.post("/api/links/*", async (context) => {
    const allowed = await allow(context, "/api/links/", "share")
    if (allowed instanceof Response) return allowed
    const body = await readJson(context, MAKE)
    if (!body.ok) return body.response
    const { role, password, expiresMs, maxViews, label = "" } = body.value
    if (typeof expiresMs === "number" && expiresMs <= clock.now()) {
      return problem(context, 400, { code: "QUIRE_BODY", message: "expiresMs is in the past" })
    }
    const passwordHash = password === undefined || password === "" ? "" : await passwords.hash(password)
    const { principal, document } = allowed
    // The hash took a while.
    if (!mayDo(await principals.roleOf(principals.again(principal), document), "share")) return notFound(context)
    if (directory.linksOf(document).length >= LINKS_OF_A_DOCUMENT || !directory.hasRoom("link")) {
      return problem(context, 409, {
        code: "QUIRE_TOO_MANY_LINKS",
        message: `a document has at most ${LINKS_OF_A_DOCUMENT} links`,
        hint: "Revoke some that nobody needs.",
      })
    }
    const secret = newSecret(random)
    const link: ShareLink = {
      kind: "link",
      id: newId(random),
      secretHash: hashSecret(secret),
      document,
      role,
      passwordHash,
      expiresMs: expiresMs ?? 0,
      maxViews: maxViews ?? 0,
      views: 0,
      createdMs: clock.now(),
      madeBy: principal.user,
      label,
    }
    const deed = audited(clock, principal, { what: "link.made", whom: label, detail: role })
    await directory.change({ put: [link], audit: [{ ...deed, document }] })
    const url = `${baseOf(context, visitors.isSecure(context))}/s/${secret}`
    return context.json({ ...linkView(link), url }, 201)
  })

  app.delete("/api/link/:id", async (context) => {
    const principal = await principalOf(members, context)
    const link = directory.link(context.req.param("id"))
    const role = link === undefined ? undefined : await principals.roleOf(principal, link.document)
    // Who may not see links is not told that this is one.
    if (link === undefined || !mayDo(role, "see-access")) return notFound(context, "there is no such link")
    if (!mayDo(role, "share")) return forbidden(context)
    const deed = audited(clock, principal, { what: "link.revoked", whom: link.label, detail: link.role })
    await directory.change({
      remove: [{ kind: "link", id: link.id }],
      audit: [{ ...deed, document: link.document }],
    })
    return context.body(null, 204)
  })

  app.get("/api/audit/*", async (context) => {
    const allowed = await allow(context, "/api/audit/", "read-audit")
    if (allowed instanceof Response) return allowed
    return context.json({ entries: await directory.audit(allowed.document, ENTRIES) })
  })

  const allow = (context: Context, path: string, operation: Operation): Promise<Allowed | Response> =>
    allowFor(members, context, path, operation)

  async function open(context: Context, asked: z.infer<typeof OPEN>): Promise<Response> {
    const address = visitors.addressOf(context)
    const waitSeconds = tries.misses.waitSeconds(address)
    if (waitSeconds > 0) return tooManyTries(context, waitSeconds)
    const hash = hashSecret(asked.secret)
    const miss = (): Response => {
      tries.misses.take(address)
      return notFound(context, "there is no such link, or it is no longer good")
    }
    const found = directory.linkBySecret(hash)
    if (found === undefined || !isGood(found, clock.now())) return miss()
    if (found.passwordHash !== "") {
      if (asked.password === undefined) return passwordNeeded(context, "this link has a password")
      const linkWaitSeconds = tries.link.take(found.id)
      if (linkWaitSeconds > 0) return tooManyTries(context, linkWaitSeconds)
      if (!(await passwords.verify(found.passwordHash, asked.password))) {
        tries.misses.take(address)
        return passwordNeeded(context, "this is not the link's password")
      }
    }
    const title = await titleOf(found.document)
    let signIn = signIns.ofCookie(context.req.header("cookie"))
    // As things stand now: the password took a while.
    const link = directory.link(found.id)
    if (link === undefined || !isGood(link, clock.now())) return miss()
    const isOpened = signIn?.links.includes(link.id) === true
    if (!isOpened && link.maxViews > 0 && link.views >= link.maxViews) return miss()
    // Counted before anything is waited for, so that of two who come at once for the last view one is late.
    const counted = isOpened ? undefined : directory.change({ put: [{ ...link, views: link.views + 1 }] })
    if (signIn === undefined) {
      const guest = { name: asked.name ?? "Guest", color: someColor(random), agent: agentOf(context) }
      const started = await signIns.startGuest(guest)
      keep(context, visitors, started)
      signIn = started.signIn
    }
    await counted
    if (!isOpened) await remember(signIn, link)
    return context.json({ document: link.document, role: link.role, title })
  }

  async function remember(signIn: SignIn, link: ShareLink): Promise<void> {
    const now = directory.signIn(signIn.id) ?? signIn
    const principal = principals.ofSignIn(now)
    const deed = audited(clock, principal, { what: "link.opened", whom: link.label, detail: link.role })
    await directory.change({ put: [signIns.withLink(now, link.id)], audit: [{ ...deed, document: link.document }] })
  }

  function publicationView(context: Context, publication: Publication | undefined): object | null {
    if (publication === undefined) return null
    const { address, isIndexed, createdMs } = publication
    return { url: `${baseOf(context, visitors.isSecure(context))}/p/${address}`, isIndexed, createdMs }
  }

  function memberView({ user, role }: DocumentAccess["members"][number]): object {
    const account = directory.account(accountOf(user) ?? "")
    return { user, name: account?.name ?? "", email: account?.email ?? "", role }
  }

  return app
}

function linkView(link: ShareLink): object {
  const { id, role, expiresMs, maxViews, views, createdMs, label } = link
  return {
    id,
    role,
    hasPassword: link.passwordHash !== "",
    expiresMs: expiresMs === 0 ? null : expiresMs,
    maxViews: maxViews === 0 ? null : maxViews,
    views,
    createdMs,
    label,
  }
}

function passwordNeeded(context: Context, message: string): Response {
  return problem(context, 401, { code: "QUIRE_LINK_PASSWORD", message, hint: "needed" })
}
