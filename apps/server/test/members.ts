import { createHash } from "node:crypto"
import type { DocumentId } from "@quire/base"
import { DocumentLog } from "@quire/storage"
import { FakeClock } from "@quire/testing"
import { Level } from "level"
import pino from "pino"
import { createMembers, type Members, type MembersSetting } from "../src/auth/members.js"
import { Oidc, type OidcSetting } from "../src/auth/oidc.js"
import { createApp } from "../src/http/app.js"
import { createVisitors } from "../src/http/visitor.js"
import { originRule } from "../src/origin.js"
import { systemRandom } from "../src/system.js"
import { runJob } from "../src/workers/run-job.js"
import { ownedByTest, temporaryFolder } from "./harness.js"

/** An answer of the API. */
export interface Answer {
  readonly status: number
  /** What it said, read as JSON; nothing is `{}`, and a page `{ text }`. */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** What a request is sent with, beside method and path. */
export interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The network address it comes from. */
  readonly address?: string
}

/** A browser: keeps the cookie it is given. */
export class Browser {
  /** The Cookie header it sends. */
  cookie = ""
  readonly #fetch: (request: Request, env: object) => Response | Promise<Response>
  readonly #address: string

  constructor(fetch: (request: Request, env: object) => Response | Promise<Response>, address: string) {
    this.#fetch = fetch
    this.#address = address
  }

  /** Sends a request. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const headers = new Headers({ host: "quire.test", ...sent.headers })
    if (sent.body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json")
    if (this.cookie !== "" && !headers.has("cookie")) headers.set("cookie", this.cookie)
    const text = typeof sent.body === "string" ? sent.body : JSON.stringify(sent.body)
    const request = new Request(`http://quire.test${path}`, {
      method,
      headers,
      ...(sent.body === undefined ? {} : { body: text }),
    })
    const incoming = { socket: { remoteAddress: sent.address ?? this.#address }, headers: Object.fromEntries(headers) }
    const response = await this.#fetch(request, { incoming })
    const kept = /^([^;]*);/.exec(response.headers.get("set-cookie") ?? "")?.[1]
    if (kept !== undefined) this.cookie = kept.endsWith("=") ? "" : kept
    const said = await response.text()
    return { status: response.status, body: parse(said), headers: response.headers }
  }
}

function parse(said: string): Record<string, unknown> {
  try {
    return said === "" ? {} : (JSON.parse(said) as Record<string, unknown>) // answers are objects
  } catch {
    return { text: said }
  }
}

/** A server with members, in this process, with its own time: its HTTP side and what its sockets ask. */
export class MembersWorld {
  readonly log: DocumentLog
  readonly clock: FakeClock
  readonly members: Members
  readonly app: Awaited<ReturnType<typeof createApp>>
  /** The lines of its log. */
  readonly lines: string[]
  #browsers = 0

  private constructor(log: DocumentLog, part: Pick<MembersWorld, "clock" | "members" | "app" | "lines">) {
    this.log = log
    this.clock = part.clock
    this.members = part.members
    this.app = part.app
    this.lines = part.lines
  }

  /** One for this test. */
  static async create(
    setting: Partial<MembersSetting> & { readonly folder?: string; readonly oidc?: OidcSetting } = {},
  ): Promise<MembersWorld> {
    const clock = new FakeClock()
    const log = ownedByTest(
      await DocumentLog.open({
        directory: setting.folder ?? (await temporaryFolder()),
        openLevel: async (path) => {
          const level = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" })
          await level.open()
          return level
        },
        fold: async () => {
          throw new Error("nothing is folded here")
        },
        // Its own time: what it writes in the background leaves no timer on the clock that tests look at.
        clock: new FakeClock(),
        onReport: (report) => {
          throw new Error(`nothing is to be reported here: ${JSON.stringify(report)}`)
        },
      }),
    )
    const { directory, catalogue } = log
    const members = createMembers({ directory, catalogue, clock, random: systemRandom, ...setting })
    const lines: string[] = []
    const oidc = setting.oidc && (await Oidc.open(setting.oidc, { clock, random: systemRandom }))
    const app = await createApp({
      log,
      catalogue,
      clock,
      random: systemRandom,
      logger: pino({ level: "debug" }, { write: (line: string) => lines.push(line) }),
      isAllowed: originRule({ host: "127.0.0.1", origins: [], access: "members" }),
      webFolder: "/nonexistent",
      renderPage: async (updates) => runJob({ kind: "page", updates }) as string, // by its kind
      members,
      oidc,
      visitors: createVisitors(new Set()),
    })
    return new MembersWorld(log, { clock, members, app, lines })
  }

  /** Somebody's browser, at an address of its own. */
  browser(): Browser {
    this.#browsers++
    const address = `10.${this.#browsers >> 16}.${(this.#browsers >> 8) & 255}.${this.#browsers & 255}`
    return new Browser((request, env) => this.app.fetch(request, env), address)
  }

  /** The browser of the first owner, by the set-up link. */
  async owner(): Promise<Browser> {
    const browser = this.browser()
    const answer = await browser.send("POST", "/api/setup", { body: { secret: this.members.setUp.secret, ...ADA } })
    if (answer.status !== 201) throw new Error(`no set-up: ${JSON.stringify(answer.body)}`)
    return browser
  }

  /** The browser of somebody with an account, signed in. Made in the directory at once: hashing is tested elsewhere. */
  async person(name: string): Promise<Browser & { readonly id: string; readonly email: string }> {
    const email = `${name}@example.org`
    const id = createHash("sha256").update(name).digest().subarray(0, 16).toString("base64url")
    const rest = { color: "#123456", passwordHash: "", external: "", isAdmin: false, isSuspended: false, createdMs: 1 }
    const account = { kind: "account", id, email, name, ...rest } as const
    await this.log.directory.change({ put: [account] })
    const { secret } = await this.members.signIns.start(account, "a test", undefined)
    const browser = this.browser()
    browser.cookie = `quire=${secret}`
    return Object.assign(browser, { id, email })
  }

  /** A new document of somebody. */
  async document(owner: Browser): Promise<DocumentId> {
    const answer = await owner.send("POST", "/api/documents", { body: { title: "Plan" } })
    if (answer.status !== 201) throw new Error(`no document: ${JSON.stringify(answer.body)}`)
    return answer.body.id as DocumentId // made by the server
  }
}

/** The first owner. */
export const ADA = { name: "Ada Lovelace", email: "ada@example.org", password: "a long enough password" } as const
