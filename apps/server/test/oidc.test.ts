import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ownedByTest, type RunningServer, serverForTest, temporaryFolder, unusedPort, waitUntil } from "./harness.js"
import { CLIENT_SECRET, startProvider } from "./oidc-provider.js"

/** A browser as far as redirects, cookies and the provider's two forms go. */
class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>()
  /** Every address it was sent to, in order. */
  readonly seen: string[] = []

  async get(url: string): Promise<Response> {
    return await this.#send(url, {})
  }

  /** Follows redirects, and fills in the provider's forms, until the server's own page is reached. */
  async signIn(start: string, login: string): Promise<string> {
    let response = await this.get(start)
    for (let step = 0; step < 30; step++) {
      const at = this.seen.at(-1) ?? start
      const location = response.headers.get("location")
      if (location !== null) {
        const next = new URL(location, at).href
        if (new URL(next).origin === new URL(start).origin && !next.includes("/api/")) return next
        response = await this.get(next)
        continue
      }
      const page = await response.text()
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1]
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      if (action === undefined || prompt === undefined) throw new Error(`no form at ${at}: ${response.status}`)
      const body = new URLSearchParams({ prompt, login, password: "any" })
      response = await this.#send(new URL(action, at).href, { method: "POST", body })
    }
    throw new Error("the provider goes round in circles")
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    this.seen.push(url)
    const jar = this.#cookies.get(new URL(url).origin) ?? new Map<string, string>()
    this.#cookies.set(new URL(url).origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ")
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie, accept: "text/html" } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";")
      const at = pair.indexOf("=")
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
}

/** The server, the provider's process, and the first account. */
async function world(
  args: readonly string[] = [],
): Promise<{ readonly server: RunningServer; readonly owner: Person }> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, "secret"), `${CLIENT_SECRET}\n`, { mode: 0o600 })
  const front = await unusedPort()
  const { issuer } = ownedByTest(await startProvider(`http://127.0.0.1:${front}`))
  const oidc = [
    "--oidc-issuer",
    issuer,
    "--oidc-client-id",
    "quire",
    "--oidc-client-secret-file",
    join(folder, "secret"),
  ]
  const server = await serverForTest({
    args: ["--access", "members", ...oidc, "--log-level", "debug", ...args],
    port: front,
  })
  const setUpSecret = (): string | undefined => /\/setup\/(\S+)\n/.exec(server.process.stdout)?.[1]
  await waitUntil(server.process.subscribe, () => setUpSecret() !== undefined, "the set-up link")
  const made = await post(server, "/api/setup", {
    secret: setUpSecret(),
    name: "Olga",
    email: "olga@example.org",
    password: "correct horse battery",
  })
  expect(made.status).toBe(201)
  return { server, owner: { cookie: (made.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "" } }
}

interface Person {
  readonly cookie: string
}

async function post(server: RunningServer, path: string, body: object, person?: Person): Promise<Response> {
  const headers = { "content-type": "application/json", cookie: person?.cookie ?? "", origin: server.http }
  return await fetch(`${server.http}${path}`, { method: "POST", headers, body: JSON.stringify(body) })
}

async function personOf(server: RunningServer, visitor: Visitor): Promise<Record<string, unknown> | null> {
  const answer = (await (await visitor.get(`${server.http}/api/session`)).json()) as { person: Record<string, unknown> }
  return answer.person
}

describe("signing in with an OpenID Connect provider", () => {
  it("makes an account of somebody who was invited by e-mail, and knows it again", async () => {
    const { server, owner } = await world()
    expect((await post(server, "/api/invitations", { email: "ada@example.org" }, owner)).status).toBe(201)
    const ada = new Visitor()
    expect(await ada.signIn(`${server.http}/api/oidc/start`, "ada")).toBe(`${server.http}/`)
    const first = await personOf(server, ada)
    expect(first).toMatchObject({
      kind: "account",
      name: "ada of the provider",
      email: "ada@example.org",
      isAdmin: false,
    })
    const elsewhere = new Visitor()
    await elsewhere.signIn(`${server.http}/api/oidc/start`, "ada")
    expect(await personOf(server, elsewhere)).toEqual(first)

    const login = { email: "ada@example.org", password: "" }
    for (const password of ["", "any", "correct horse battery"]) {
      expect((await post(server, "/api/sign-in", { ...login, password })).status).toBe(401)
    }
    const codes = ada.seen.filter((url) => url.includes("code=")).map((url) => new URL(url).searchParams.get("code"))
    expect(codes).toHaveLength(1)
    for (const secret of [CLIENT_SECRET, ...codes])
      expect(server.process.stderr + server.process.stdout).not.toContain(secret)
  })

  it("refuses who was not invited, whose address is not verified, and who has another's address", async () => {
    const { server, owner } = await world()
    await post(server, "/api/invitations", { email: "ada@example.org" }, owner)
    const refused = async (login: string): Promise<string | null> => {
      const visitor = new Visitor()
      const page = await visitor.signIn(`${server.http}/api/oidc/start`, login)
      expect(await personOf(server, visitor)).toBeNull()
      return new URL(page).searchParams.get("problem")
    }
    expect(await refused("mallory")).toBe("QUIRE_OIDC_NOT_INVITED")
    expect(await refused("unverified-ada")).toBe("QUIRE_OIDC_EMAIL")
    expect(await refused("olga")).toBe("QUIRE_OIDC_TAKEN")
  })

  it("lets anybody in whom the provider knows, if that is the policy", async () => {
    const { server } = await world(["--oidc-join", "anybody"])
    const visitor = new Visitor()
    await visitor.signIn(`${server.http}/api/oidc/start`, "grace")
    expect(await personOf(server, visitor)).toMatchObject({ email: "grace@example.org" })
  })

  it("takes what comes back once, from the browser that began, with its state", async () => {
    const { server } = await world(["--oidc-join", "anybody"])
    const problem = async (visitor: Visitor, url: string): Promise<string> => {
      const location = (await visitor.get(url)).headers.get("location") ?? ""
      return `${location.replace(/^.*problem=/, "")} ${await personOf(server, visitor)}`
    }
    const honest = new Visitor()
    await honest.signIn(`${server.http}/api/oidc/start`, "ada")
    const callback = honest.seen.find((url) => url.includes("/callback?")) ?? ""
    expect(callback).toContain("code=")
    expect(await problem(new Visitor(), callback)).toBe("QUIRE_OIDC_REFUSED null")
    const begun = new Visitor()
    await begun.get(`${server.http}/api/oidc/start`)
    expect(await problem(begun, callback)).toBe("QUIRE_OIDC_REFUSED null")
    for (const query of ["", "?code=x", "?error=access_denied", "?state=x&code=y", "?code=a&code=b&state="]) {
      const visitor = new Visitor()
      await visitor.get(`${server.http}/api/oidc/start`)
      expect(await problem(visitor, `${server.http}/api/oidc/callback${query}`)).toBe("QUIRE_OIDC_REFUSED null")
    }
  })

  it("leads to where somebody was going, on this server only", async () => {
    const { server } = await world(["--oidc-join", "anybody"])
    const grace = new Visitor()
    const led = async (to: string): Promise<string> =>
      await grace.signIn(`${server.http}/api/oidc/start?to=${encodeURIComponent(to)}`, "grace")
    expect(await led("/d/caf%C3%A9/plan?x=1")).toBe(`${server.http}/d/caf%C3%A9/plan?x=1`)
    for (const to of ["//elsewhere.example/", "/.//elsewhere.example", "/api/oidc/start", "/sign-in", "", "x"]) {
      expect(await led(to), to).toBe(`${server.http}/`)
    }
    // The address that comes back from the provider has no say.
    const begun = new Visitor()
    await begun.get(`${server.http}/api/oidc/start?to=%2Fd%2Fplan`)
    const answer = await begun.get(`${server.http}/api/oidc/callback?error=access_denied&to=%2Faccount`)
    expect(answer.headers.get("location")).toBe("/sign-in?problem=QUIRE_OIDC_REFUSED&to=%2Fd%2Fplan")
  })

  it("says so if the provider cannot be reached, and serves everything else", async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, "secret"), CLIENT_SECRET)
    const oidc = ["--oidc-issuer", "http://127.0.0.1:1", "--oidc-client-id", "quire"]
    const args = ["--access", "members", ...oidc, "--oidc-client-secret-file", join(folder, "secret")]
    const server = await serverForTest({ args })
    const answer = await fetch(`${server.http}/api/oidc/start`, { redirect: "manual" })
    expect(answer.headers.get("location")).toBe("/sign-in?problem=QUIRE_OIDC_UNREACHABLE")
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
  })
})
