import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import { patience, type RunningServer, serverForTest, turn, waitUntil } from "./harness.js"
import { ADA } from "./members.js"

/*
 * A real server is killed with SIGKILL again and again while accounts, roles, links and invitations are changed over
 * HTTP, several at once. After each restart every change that was answered is there, and of what was on its way either
 * all or nothing. SEED and KILLS replay or change a run.
 */

const KILLS = Number(process.env.KILLS ?? 20)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
/** Requests at once. */
const HANDS = 4
/** A kill comes after up to this many answers of a life. */
const ANSWERS_A_LIFE = 60
/** Links and invitations that one hand leaves open: fewer than the server's bounds. */
const MOST_OF_A_HAND = 10
const PASSWORD = "a password of everybody"

it(`loses no answered change of accounts and rights, and halves none, in ${KILLS} kills`, {
  timeout: 120_000,
}, async () => {
  const random = new SeededRandom(SEED)
  const server = await serverForTest({ args: ["--access", "members"] })
  const office = await Office.open(server, random)
  let kills = 0
  try {
    for (; kills < KILLS; kills++) {
      const hands = Array.from({ length: HANDS }, (_, hand) => office.work(hand))
      const enough = office.answers + 1 + random.below(ANSWERS_A_LIFE)
      await waitUntil(office.subscribe, () => office.answers >= enough, "changes to be answered")
      for (let turns = random.below(12); turns > 0; turns--) await turn()
      await server.kill9()
      await Promise.all(hands)
      await server.restart()
      await office.expectPromisesKept()
    }
  } finally {
    const { answers, onTheWay, found } = office
    const counts = `${kills} kills, ${answers} answered changes, ${onTheWay} on their way, ${found} of them there`
    process.stdout.write(`accounts under kills: ${counts}, SEED=${SEED}\n`)
  }
  expect(office.answers).toBeGreaterThan(KILLS)
})

/** Something that one request at a time changes. */
interface Matter {
  /** What it is by the last answer. */
  answered: string
  /** What a request that got no answer may have made of it. */
  sent: string | undefined
}

/** Somebody who joined. */
interface Joined {
  readonly id: string
  readonly cookie: string
  wasKeptOut: boolean
}

/** What a server says after a restart, by the names of the matters. */
type Found = ReadonlyMap<string, string>

/** Ada's office: changes things, and knows what was answered. */
class Office {
  answers = 0
  /** Requests that a kill has left without an answer, and how many of them were carried out all the same. */
  onTheWay = 0
  found = 0
  readonly #server: RunningServer
  readonly #random: SeededRandom
  readonly #matters = new Map<string, Matter>()
  readonly #joined = new Map<string, Joined>()
  readonly #linkIds = new Map<string, string>()
  readonly #invitationIds = new Map<string, string>()
  readonly #listeners = new Set<() => void>()
  #cookie = ""
  #document = ""
  #count = 0

  private constructor(server: RunningServer, random: SeededRandom) {
    this.#server = server
    this.#random = random
  }

  /** Sets the server up, with a document and as many people as there are hands. */
  static async open(server: RunningServer, random: SeededRandom): Promise<Office> {
    const office = new Office(server, random)
    const secret = (): string | undefined => /\/setup\/(\S+)/.exec(server.process.stdout)?.[1]
    await waitUntil(server.process.subscribe, () => secret() !== undefined, "the set-up link")
    office.#cookie = (await office.#call("POST", "/api/setup", { secret: secret(), ...ADA }, "")).cookie
    office.#document = String((await office.#call("POST", "/api/documents", { title: "Plan" })).body.id)
    await office.#rename("Ada", "#000000")
    for (let hand = 0; hand < HANDS; hand++) await office.#join(`hand${hand}@example.org`)
    return office
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Changes one thing after the other, none that another hand changes, until the server is gone. */
  async work(hand: number): Promise<void> {
    try {
      for (;;) await this.#deed(hand)
    } catch (error) {
      // fetch's error for a connection that broke, or was refused.
      if (!(error instanceof TypeError)) throw error
    }
  }

  async #deed(hand: number): Promise<void> {
    const email = `hand${hand}@example.org`
    const count = ++this.#count
    switch (this.#random.below(hand === 0 ? 6 : 5)) {
      case 0:
        return await this.#giveRole(email, this.#random.pick(["viewer", "commenter", "editor", "none"]))
      case 1:
        return await this.#makeOrRevokeLink(hand, this.#linksOf(hand).length >= MOST_OF_A_HAND)
      case 2:
        return await this.#makeOrRevokeLink(hand, this.#linksOf(hand).length > 0)
      case 3:
        return await this.#setFlags(email)
      case 4:
        if (count % 5 === 0) return await this.#join(`p${count}@example.org`)
        return await this.#inviteOrWithdraw(hand)
      default:
        return await this.#rename(`Ada ${count}`, `#${String(count).padStart(6, "0")}`)
    }
  }

  async #giveRole(email: string, role: string): Promise<void> {
    const body = { email, role: role === "none" ? null : role }
    await this.#change(`role ${email}`, role, () => this.#call("PUT", `/api/access/${this.#document}`, body))
  }

  #linksOf(hand: number): readonly (readonly [string, string])[] {
    return [...this.#linkIds].filter(([label]) => label.startsWith(`${hand} `))
  }

  async #makeOrRevokeLink(hand: number, isRevoking: boolean): Promise<void> {
    const [oldest] = this.#linksOf(hand)
    if (isRevoking && oldest !== undefined) {
      const [label, id] = oldest
      this.#linkIds.delete(label)
      await this.#change(`link ${label}`, "none", () => this.#call("DELETE", `/api/link/${id}`))
      return
    }
    const label = `${hand} ${++this.#count}`
    const body = { role: "viewer", label }
    const path = `/api/links/${this.#document}`
    const made = await this.#change(`link ${label}`, "there", () => this.#call("POST", path, body))
    this.#linkIds.set(label, String(made.body.id))
  }

  /** Two things in one change. */
  async #setFlags(email: string): Promise<void> {
    const person = this.#joined.get(email)
    if (person === undefined) throw new Error(`${email} has not joined`)
    const matter = this.#matter(`flags ${email}`, "false false")
    const isBoth = matter.answered === "false false"
    const body = { isSuspended: isBoth, isAdmin: isBoth }
    await this.#change(`flags ${email}`, `${isBoth} ${isBoth}`, () =>
      this.#call("PATCH", `/api/people/${person.id}`, body),
    )
    if (isBoth) person.wasKeptOut = true
  }

  async #rename(name: string, color: string): Promise<void> {
    await this.#change("Ada", `${name} ${color}`, () => this.#call("PATCH", "/api/account", { name, color }))
  }

  async #inviteOrWithdraw(hand: number): Promise<void> {
    const mine = [...this.#invitationIds].filter(([email]) => email.startsWith(`i${hand}.`))
    const [oldest] = mine
    if (oldest === undefined || mine.length < MOST_OF_A_HAND) {
      await this.#invite(`i${hand}.${++this.#count}@example.org`)
      return
    }
    const [email, id] = oldest
    this.#invitationIds.delete(email)
    await this.#change(`person ${email}`, "none", () => this.#call("DELETE", `/api/invitations/${id}`))
  }

  async #invite(email: string): Promise<string> {
    const made = await this.#change(`person ${email}`, "invited", () =>
      this.#call("POST", "/api/invitations", { email }),
    )
    this.#invitationIds.set(email, String(made.body.id))
    return String(made.body.url).split("/").at(-1) ?? ""
  }

  /** An invitation becomes an account: one of them is there, never both. */
  async #join(email: string): Promise<void> {
    const secret = await this.#invite(email)
    const body = { secret, name: "P", email, password: PASSWORD }
    const joined = await this.#change(`person ${email}`, "joined", () =>
      this.#call("POST", "/api/invitations/accept", body, ""),
    )
    const id = String(joined.body.id).slice("account:".length)
    this.#joined.set(email, { id, cookie: joined.cookie, wasKeptOut: false })
  }

  /** Looks at everything that was ever changed. */
  async expectPromisesKept(): Promise<void> {
    const found = await this.#look()
    const broken: string[] = []
    for (const [name, matter] of this.#matters) {
      const is = found.get(name) ?? "none"
      const { answered, sent } = matter
      if (is !== answered && is !== sent) broken.push(`${name} is ${is}, was answered ${answered}, was sent ${sent}`)
      if (sent !== undefined) this.onTheWay++
      if (sent !== undefined && is === sent) this.found++
      matter.answered = is
      matter.sent = undefined
    }
    for (const [email, { cookie, wasKeptOut }] of this.#joined) {
      const { body } = await this.#call("GET", "/api/session", undefined, cookie)
      if (wasKeptOut && body.person !== null) broken.push(`${email} was kept out, and is signed in`)
      const flags = this.#matters.get(`flags ${email}`)?.answered ?? "false false"
      if (!wasKeptOut && flags === "false false" && body.person === null) broken.push(`${email} is signed out`)
      // Whoever was kept out by a request without an answer was so all the same.
      const person = this.#joined.get(email)
      if (person !== undefined && flags === "true true") person.wasKeptOut = true
    }
    expect(broken).toEqual([])
  }

  async #look(): Promise<Found> {
    const found = new Map<string, string>()
    const { person } = (await this.#call("GET", "/api/session")).body as { person: { name: string; color: string } }
    found.set("Ada", `${person.name} ${person.color}`)
    const { people } = (await this.#call("GET", "/api/people")).body as {
      people: { email: string; isSuspended: boolean; isAdmin: boolean }[]
    }
    for (const { email, isSuspended, isAdmin } of people) {
      found.set(`person ${email}`, "joined")
      found.set(`flags ${email}`, `${isSuspended} ${isAdmin}`)
    }
    const { invitations } = (await this.#call("GET", "/api/invitations")).body as {
      invitations: { id: string; email: string }[]
    }
    for (const { id, email } of invitations) {
      this.#invitationIds.set(email, id)
      found.set(`person ${email}`, found.has(`person ${email}`) ? "joined and invited" : "invited")
    }
    const access = (await this.#call("GET", `/api/access/${this.#document}`)).body as {
      members: { email: string; role: string }[]
      links: { id: string; label: string }[]
    }
    for (const { email, role } of access.members) found.set(`role ${email}`, role)
    for (const { id, label } of access.links) {
      found.set(`link ${label}`, "there")
      this.#linkIds.set(label, id)
    }
    return found
  }

  #matter(name: string, before = "none"): Matter {
    const known = this.#matters.get(name) ?? { answered: before, sent: undefined }
    this.#matters.set(name, known)
    return known
  }

  async #change(name: string, value: string, send: () => Promise<Reply>): Promise<Reply> {
    const matter = this.#matter(name)
    matter.sent = value
    const reply = await send()
    matter.answered = value
    matter.sent = undefined
    this.answers++
    for (const listener of [...this.#listeners]) listener()
    return reply
  }

  /** @throws TypeError if the connection is lost. */
  async #call(method: string, path: string, body?: object, cookie: string = this.#cookie): Promise<Reply> {
    const response = await fetch(`${this.#server.http}${path}`, {
      ...patience(),
      method,
      headers: { "content-type": "application/json", cookie },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    const kept = /^([^;]*);/.exec(response.headers.get("set-cookie") ?? "")?.[1] ?? ""
    return { body: text === "" ? {} : (JSON.parse(text) as Reply["body"]), cookie: kept }
  }
}

interface Reply {
  readonly body: Readonly<Record<string, unknown>>
  readonly cookie: string
}
