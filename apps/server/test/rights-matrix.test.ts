import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { grantOf, mayDo, type Operation, type Role } from "@quire/access"
import { asClientId, type DocumentId } from "@quire/base"
import { BIRTH_UPDATE, differenceFrom, mergeUpdates, separateUpdate } from "@quire/document"
import {
  type ClientMessage,
  CloseCode,
  decodePresence,
  decodeServerMessage,
  encodeMessage,
  encodePresence,
  type ServerMessage,
} from "@quire/protocol"
import type { Account } from "@quire/storage"
import { Connection, type Link, type Parcel, Rooms } from "@quire/sync"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { memberGate } from "../src/auth/lease.js"
import { systemRandom } from "../src/system.js"
import { patience, temporaryFolder, turn } from "./harness.js"
import { MembersWorld } from "./members.js"

/**
 * T-AUTH-1: everybody × every route and every message of the socket × a document of one's own, another's and none. What
 * must come of each is computed from the one table of rights; a route or message without a row here fails.
 */

/** What each is to the document called "own" below; a session that is good, an account, an administrator. */
const WHO = {
  anonymous: { role: undefined, kind: "nobody" },
  "link-viewer": { role: "viewer", kind: "guest" },
  viewer: { role: "viewer", kind: "account" },
  commenter: { role: "commenter", kind: "account" },
  editor: { role: "editor", kind: "account" },
  owner: { role: "owner", kind: "account" },
  stranger: { role: undefined, kind: "account" },
  administrator: { role: undefined, kind: "admin" },
  revoked: { role: undefined, kind: "account" },
  "revoked guest": { role: undefined, kind: "guest" },
  suspended: { role: undefined, kind: "nobody" },
} as const satisfies Record<string, { role: Role | undefined; kind: "nobody" | "guest" | "account" | "admin" }>
type Who = keyof typeof WHO
type Kind = (typeof WHO)[Who]["kind"]
const EVERYBODY = Object.keys(WHO) as Who[]

const DOCUMENTS = ["own", "another's", "absent"] as const
type Which = (typeof DOCUMENTS)[number]

/** A world in which everybody is what the table above says, and three documents. */
async function matrixWorld() {
  // A provider that nobody answers for: its routes are there, and nobody gets in by them.
  const secretFile = join(await temporaryFolder(), "secret")
  await writeFile(secretFile, "secret")
  const oidc = { issuer: "http://127.0.0.1:1", clientId: "quire", secretFile, join: "anybody", name: "P" } as const
  const world = await MembersWorld.create({ oidc, oidcName: oidc.name })
  const { directory, catalogue } = world.log
  const id = (n: number): string => Buffer.alloc(16, n).toString("base64url")
  const accounts = new Map<Who, Account>()
  for (const [n, who] of EVERYBODY.entries()) {
    const { kind } = WHO[who]
    if (kind === "guest" || who === "anonymous") continue
    const names = { email: `${who}@example.org`, name: who, color: "#123456", passwordHash: "", external: "" }
    const flags = { isAdmin: kind === "admin", isSuspended: who === "suspended" }
    accounts.set(who, { kind: "account", id: id(n + 1), createdMs: n, ...names, ...flags })
  }
  await directory.change({ put: [...accounts.values()] })
  const documents: Record<Which, DocumentId> = {
    own: "own" as DocumentId, // short names are valid
    "another's": "anothers" as DocumentId,
    absent: "absent" as DocumentId,
  }
  const userOf = (who: Who): string => `account:${accounts.get(who)?.id}`
  const roles = (["viewer", "commenter", "editor", "owner", "suspended", "revoked"] as const).map((who) => {
    const role: Role = who === "suspended" || who === "revoked" ? "owner" : WHO[who].role
    return { user: userOf(who), role }
  })
  // Somebody who is in no row owns the other document, and this one too: nobody here is its last owner.
  const somebody = { user: `account:${id(99)}`, role: "owner" } as const
  await directory.change({ put: [{ kind: "access", document: documents.own, members: [...roles, somebody] }] })
  await directory.change({
    put: [
      {
        kind: "access",
        document: documents.own,
        members: [...roles, somebody].filter(({ user }) => user !== userOf("revoked")),
      },
      { kind: "access", document: documents["another's"], members: [somebody] },
    ],
  })
  for (const which of ["own", "another's"] as const) {
    await catalogue.create({ document: documents[which], kind: "page", title: "T", timeMs: 1 })
  }
  let links = 0
  const link = async (which: Which): Promise<string> => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt32BE(++links)
    const secretHash = new Uint8Array(32)
    secretHash.set(bytes)
    const numbers = { expiresMs: 0, maxViews: 0, views: 0, createdMs: 1 }
    const one = { kind: "link", id: bytes.toString("base64url"), secretHash, role: "viewer", ...numbers } as const
    await directory.change({ put: [{ ...one, document: documents[which], passwordHash: "", madeBy: "", label: "" }] })
    return one.id
  }
  /** A cookie of somebody's, from a sign-in of its own: some routes end it. */
  const cookieOf = async (who: Who): Promise<string> => {
    const account = accounts.get(who)
    if (who === "anonymous") return ""
    if (account !== undefined) return `quire=${(await world.members.signIns.start(account, "", undefined)).secret}`
    const { secret, signIn } = await world.members.signIns.startGuest({ name: who, color: "#123456", agent: "" })
    const opened = await link("own")
    await directory.change({ put: [world.members.signIns.withLink(signIn, opened)] })
    if (who === "revoked guest") await directory.change({ remove: [{ kind: "link", id: opened }] })
    return `quire=${secret}`
  }
  return {
    world,
    documents,
    cookieOf,
    link,
    roleOf: (who: Who, which: Which) => (which === "own" ? WHO[who].role : undefined),
  }
}
type World = Awaited<ReturnType<typeof matrixWorld>>

/** What a row is asked for. */
interface Asked {
  readonly role: Role | undefined
  readonly kind: Kind
}

/** A route: what is sent to it, and what must come. */
interface Row {
  /** The end of its path, if it depends on the document. */
  readonly path?: (world: World, which: Which) => string | Promise<string>
  readonly body?: object
  /** `STATUS`, `STATUS CODE` or `STATUS LOCATION`. */
  readonly expected: (asked: Asked) => string
}

const NOT_FOUND = "404 QUIRE_NOT_FOUND"
const FORBIDDEN = "403 QUIRE_FORBIDDEN"
const SIGN_IN = "401 QUIRE_SIGN_IN"
const always = (outcome: string) => (): string => outcome

/** By the one table. */
function right(operation: Operation, done: string, seenBy: Operation = "read"): Row["expected"] {
  return ({ role }) => (mayDo(role, operation) ? done : mayDo(role, seenBy) ? FORBIDDEN : NOT_FOUND)
}
const ofKinds =
  (kinds: readonly Kind[], done: string) =>
  ({ kind }: Asked) =>
    kinds.includes(kind) ? done : SIGN_IN
const forAdmins =
  (done: string) =>
  ({ kind }: Asked) =>
    kind === "admin" ? done : kind === "nobody" ? SIGN_IN : FORBIDDEN
const named = ({ documents }: World, which: Which): string => documents[which]
const PERSON = { secret: "no such secret", name: "N", email: "n@example.org", password: "a good password" }
const NOBODY_KNOWN = Buffer.alloc(16, 77).toString("base64url")

const ROUTES: Readonly<Record<string, Row>> = {
  "GET /api/health": { expected: always("200") },
  "GET /api/documents": { expected: ofKinds(["guest", "account", "admin"], "200") },
  "POST /api/documents": {
    body: { title: "New" },
    expected: ({ kind }) => (kind === "nobody" ? SIGN_IN : kind === "guest" ? FORBIDDEN : "201"),
  },
  "GET /api/documents/*": { path: named, expected: right("read", "200") },
  "PATCH /api/documents/*": { path: named, body: { title: "T" }, expected: right("rename", "200") },
  "GET /api/session": { expected: always("200") },
  "POST /api/setup": { body: PERSON, expected: always(NOT_FOUND) },
  "POST /api/sign-in": {
    body: { email: "owner@example.org", password: "not the password" },
    expected: always("401 QUIRE_SIGN_IN_WRONG"),
  },
  "GET /api/oidc/start": { expected: always("302 /sign-in?problem=QUIRE_OIDC_UNREACHABLE") },
  "GET /api/oidc/callback": { expected: always("302 /sign-in?problem=QUIRE_OIDC_REFUSED") },
  "POST /api/sign-out": { body: {}, expected: always("204") },
  "GET /api/sessions": { expected: ofKinds(["account", "admin"], "200") },
  "DELETE /api/sessions": { expected: ofKinds(["account", "admin"], "204") },
  "DELETE /api/sessions/:id": { path: () => NOBODY_KNOWN, expected: ofKinds(["account", "admin"], NOT_FOUND) },
  "PATCH /api/account": { body: {}, expected: ofKinds(["guest", "account", "admin"], "200") },
  "POST /api/account/password": {
    body: { current: "not the password", next: "the next password" },
    expected: ofKinds(["account", "admin"], "401 QUIRE_SIGN_IN_WRONG"),
  },
  "GET /api/people": { expected: forAdmins("200") },
  "PATCH /api/people/:id": { path: () => NOBODY_KNOWN, body: { isSuspended: true }, expected: forAdmins(NOT_FOUND) },
  "POST /api/people/:id/reset": { path: () => NOBODY_KNOWN, body: {}, expected: forAdmins(NOT_FOUND) },
  "POST /api/resets/open": { body: { secret: "no such secret" }, expected: always(NOT_FOUND) },
  "POST /api/resets/use": {
    body: { secret: "no such secret", password: "a good password" },
    expected: always(NOT_FOUND),
  },
  "GET /api/invitations": { expected: forAdmins("200") },
  "POST /api/invitations": { body: {}, expected: forAdmins("201") },
  "DELETE /api/invitations/:id": { path: () => NOBODY_KNOWN, expected: forAdmins(NOT_FOUND) },
  "POST /api/invitations/open": { body: { secret: "no such secret" }, expected: always(NOT_FOUND) },
  "POST /api/invitations/accept": { body: PERSON, expected: always(NOT_FOUND) },
  "GET /api/audit": { expected: forAdmins("200") },
  "GET /api/access/*": { path: named, expected: right("see-access", "200") },
  "PUT /api/access/*": {
    path: named,
    body: { email: "viewer@example.org", role: "viewer" },
    expected: right("share", "200"),
  },
  "POST /api/links/open": { body: { secret: "no such secret" }, expected: always(NOT_FOUND) },
  "POST /api/links/*": { path: named, body: { role: "viewer" }, expected: right("share", "201") },
  "DELETE /api/link/:id": {
    path: ({ link }, which) => (which === "absent" ? NOBODY_KNOWN : link(which)),
    expected: right("share", "204", "see-access"),
  },
  "PUT /api/publication/*": { path: named, body: { isIndexed: false }, expected: right("publish", "200") },
  "DELETE /api/publication/*": { path: named, expected: right("publish", "204") },
  "GET /p/*": { path: named, expected: always("404") },
  "GET /robots.txt": { expected: always("200") },
  "GET /api/audit/*": { path: named, expected: right("read-audit", "200") },
  // Pages are the same for everybody; the app is not built here.
  ...Object.fromEntries(
    ["/", "/d/*", "/embed/*", "/s/*", "/setup/*", "/join/*", "/reset/*", "/sign-in", "/account", "/people"].map(
      (page) => [`GET ${page}`, { path: named, expected: always("503 QUIRE_NOT_BUILT") } satisfies Row],
    ),
  ),
  "GET /*": { path: (_, which) => `assets/${which}`, expected: always(NOT_FOUND) },
  "ALL /api/*": { path: (_, which) => `no-such-route/${which}`, expected: always(NOT_FOUND) },
}
/** Run before every route; they answer nobody themselves but pages of other origins. */
const BEFORE_ALL = ["ALL /*"]

describe("rights over HTTP", () => {
  it("[T-AUTH-1] are those of the table for everybody, every route and every document", async () => {
    const matrix = await matrixWorld()
    const { world, roleOf, cookieOf } = matrix
    const routes = [...new Set(world.app.routes.map(({ method, path }) => `${method} ${path}`))]
    expect(routes.filter((route) => !BEFORE_ALL.includes(route)).sort()).toEqual(Object.keys(ROUTES).sort())
    const wrong: string[] = []
    let count = 0
    for (const [route, row] of Object.entries(ROUTES)) {
      const [method = "", pattern = ""] = route.split(" ")
      for (const who of EVERYBODY) {
        const bodies = new Map<string, unknown>()
        for (const which of DOCUMENTS) {
          const end = await row.path?.(matrix, which)
          const path = end === undefined ? pattern : pattern.replace(/[*]$|:id\b/, end)
          // An address of its own for each: tries are not counted here.
          const sent = {
            headers: { cookie: await cookieOf(who) },
            ...(row.body === undefined ? {} : { body: row.body }),
          }
          const answer = await world.browser().send(method === "ALL" ? "POST" : method, path, sent)
          const { code = answer.headers.get("location") ?? undefined } = (answer.body.error ?? {}) as { code?: string }
          const found = `${answer.status}${code === undefined ? "" : ` ${code}`}`
          const expected = row.expected({ role: roleOf(who, which), kind: WHO[who].kind })
          if (found !== expected) wrong.push(`${who}, ${route}, ${which}: ${found}, not ${expected}`)
          if (found === NOT_FOUND) bodies.set(which, answer.body)
          count++
        }
        // Another's and none look alike, to the last letter.
        if (bodies.has("another's")) expect(bodies.get("another's"), `${who}, ${route}`).toEqual(bodies.get("absent"))
      }
    }
    expect(wrong).toEqual([])
    process.stdout.write(
      `rights over HTTP: ${count} cases, ${Object.keys(ROUTES).length} routes × ${EVERYBODY.length} people × ${DOCUMENTS.length} documents\n`,
    )
  })
})

/** A client at the end of a connection. */
class Visitor implements Link {
  readonly ydoc = new Y.Doc()
  readonly received: ServerMessage[] = []
  readonly connection: Connection
  closed: CloseCode | undefined

  constructor(setting: ConstructorParameters<typeof Connection>[0], document: DocumentId, cookie: string) {
    this.connection = new Connection(setting, this, document, "native", { token: "", cookie })
    this.say({ type: "hello", clientId: asClientId(this.ydoc.clientID), schema: 1, resume: undefined, token: "" })
  }

  say(message: ClientMessage): void {
    this.connection.receive(encodeMessage(message))
  }

  of<T extends ServerMessage["type"]>(type: T): (ServerMessage & { type: T })[] {
    return this.received.filter((message): message is ServerMessage & { type: T } => message.type === type)
  }

  send({ messages }: Parcel): void {
    for (const bytes of messages) {
      const message = decodeServerMessage(bytes)
      if (message !== undefined) this.received.push(message)
    }
  }

  queuedBytes(): number {
    return 0
  }
  pause(): void {}
  resume(): void {}
  close(code: CloseCode): void {
    this.closed = code
    this.connection.closed()
  }
}

/** What somebody writes. */
function someUpdate({ ydoc }: Visitor): Uint8Array {
  ydoc.getXmlFragment("body").insert(0, [new Y.XmlText("x")])
  return Y.encodeStateAsUpdate(ydoc)
}

/** Each message: how it is sent, by which right, and how one sees from outside that it was done. */
const MESSAGES: Readonly<
  Record<
    ClientMessage["type"],
    {
      readonly message: (visitor: Visitor) => ClientMessage
      readonly operation: Operation
      /** Seen at the visitor, at somebody else in the document, or on disk. */
      readonly isDone: (visitor: Visitor, watcher: Visitor, isWritten: boolean) => boolean
    }
  >
> = {
  // A second hello gives nobody anything: it ends the connection, or is the same person's again.
  hello: {
    message: ({ ydoc }) => ({
      type: "hello",
      clientId: asClientId(ydoc.clientID),
      schema: 1,
      resume: undefined,
      token: "",
    }),
    operation: "read",
    isDone: () => true,
  },
  // A token renews who one is, for those who are in; it gives nothing that the gate would not.
  token: {
    message: () => ({ type: "token", token: "" }),
    operation: "read",
    isDone: (visitor) => visitor.of("welcome").length > 0,
  },
  step1: {
    message: () => ({ type: "step1", stateVector: Uint8Array.of(0) }),
    operation: "read",
    isDone: (visitor) => visitor.of("step2").length > 0,
  },
  step2: {
    message: (visitor) => ({ type: "step2", update: someUpdate(visitor) }),
    operation: "write",
    isDone: (_, __, isWritten) => isWritten,
  },
  update: {
    message: (visitor) => ({ type: "update", update: someUpdate(visitor) }),
    operation: "write",
    isDone: (_, __, isWritten) => isWritten,
  },
  presence: {
    message: ({ ydoc }) => ({
      type: "presence",
      entries: encodePresence([{ client: ydoc.clientID, clock: 1, state: '{"cursor":null}' }]),
    }),
    operation: "announce",
    isDone: ({ ydoc }, watcher) =>
      watcher
        .of("presence")
        .some(({ entries }) => decodePresence(entries).some(({ client }) => client === ydoc.clientID)),
  },
  "query-presence": {
    message: () => ({ type: "query-presence" }),
    operation: "read",
    isDone: (visitor) => visitor.of("presence").length > 0,
  },
}

describe("rights on the socket", () => {
  it("[T-AUTH-1] are those of the table for everybody, every message and every document", async () => {
    const { world, documents, cookieOf, roleOf } = await matrixWorld()
    const { log, clock } = world
    const watch = { event: () => undefined }
    const rooms = new Rooms({
      clock,
      random: systemRandom,
      log,
      documents: { kindOf: async (document) => (await log.catalogue.get(document))?.kind },
      merging: {
        merge: async (updates) => mergeUpdates(updates),
        difference: async (update, vector) => differenceFrom(update, vector),
        separate: async (base, update) => separateUpdate(base, update),
      },
      watch,
      birth: BIRTH_UPDATE,
    })
    const setting = { rooms, gate: memberGate(world.members), clock, watch }
    const settle = async (isMet: () => boolean): Promise<void> => {
      const { signal } = patience()
      while (!isMet() && !signal.aborted) {
        clock.advance(1)
        await turn()
      }
    }
    const watcher = new Visitor(setting, documents.own, await cookieOf("owner"))
    await settle(() => watcher.of("welcome").length > 0)
    watcher.say(MESSAGES.presence.message(watcher))
    const head = async (which: Which): Promise<number> => (await log.load(documents[which]))?.head.sequence ?? 0
    const wrong: string[] = []
    let count = 0
    for (const [type, row] of Object.entries(MESSAGES)) {
      for (const who of EVERYBODY) {
        for (const which of DOCUMENTS) {
          const role = roleOf(who, which)
          const before = await head(which)
          const visitor = new Visitor(setting, documents[which], await cookieOf(who))
          await settle(() => visitor.closed !== undefined || visitor.of("welcome").length > 0)
          const found: string[] = []
          const grant = grantOf(role)
          if (grant === undefined) {
            const close = WHO[who].kind === "nobody" ? CloseCode.Unauthorized : CloseCode.Forbidden
            if (visitor.closed !== close) found.push(`closed with ${visitor.closed}, not ${close}`)
            if (visitor.received.length > 0) found.push(`was sent ${visitor.received.length} messages`)
          } else if (visitor.of("welcome")[0]?.grant !== grant)
            found.push(`was given ${visitor.of("welcome")[0]?.grant}`)
          visitor.say(row.message(visitor))
          const mayIt = mayDo(role, row.operation)
          let isWritten = false
          if (mayIt && row.operation === "write") {
            await settle(() => visitor.of("acknowledge").length > 0)
            isWritten = (await head(which)) > before
          } else if (mayIt) await settle(() => row.isDone(visitor, watcher, false))
          else {
            await settle(() => visitor.closed !== undefined || visitor.of("notice").length > 0)
            for (let i = 0; i < 5; i++) {
              clock.advance(50)
              await turn()
            }
            isWritten = (await head(which)) > before
          }
          if (row.isDone(visitor, watcher, isWritten) !== mayIt && type !== "hello") {
            found.push(mayIt ? "was not let" : "was let")
          }
          if (isWritten && !mayIt) found.push("wrote")
          wrong.push(...found.map((what) => `${who}, ${type}, ${which}: ${what}`))
          visitor.connection.closed()
          count++
        }
      }
    }
    await rooms.close(Promise.resolve())
    expect(wrong).toEqual([])
    process.stdout.write(
      `rights on the socket: ${count} cases, ${Object.keys(MESSAGES).length} messages × ${EVERYBODY.length} people × ${DOCUMENTS.length} documents\n`,
    )
  })
})
