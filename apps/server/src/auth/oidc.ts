import { readFile } from "node:fs/promises"
import { type Clock, QuireError, type Random } from "@quire/base"
import * as client from "openid-client"
import { isLoopback } from "../config.js"

/** Where people sign in who have their account elsewhere. */
export interface OidcSetting {
  /** The provider's issuer, an https address; http on this machine only. */
  readonly issuer: string
  readonly clientId: string
  /** File of the client's secret. */
  readonly secretFile: string
  /** Who gets an account: whoever was invited by e-mail, or everybody the provider knows. */
  readonly join: "invited" | "anybody"
  /** What the button says. */
  readonly name: string
}

/** Who the provider says somebody is. */
export interface OidcPerson {
  /** Issuer and subject as one text: the only thing by which somebody is known again. */
  readonly external: string
  /** What the provider says the name is; not cleaned. */
  readonly name: string
  /** Set if the provider says that it has verified the address; not normalised. */
  readonly verifiedEmail: string | undefined
}

/** How a sign-in ended. */
export interface OidcEnd {
  /** Who it is, or a phrase for the operator's log; it holds nothing of the query. */
  readonly person: OidcPerson | string
  /** Where the person was going, as it was given to `begin`; `/` if nothing was begun with this browser. */
  readonly to: string
}

/** A sign-in under way. */
interface Pending {
  readonly to: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
  readonly untilMs: number
}

/** Sign-ins under way at once; the oldest makes room. */
const MOST_PENDING = 1_000
/** So long somebody may be away at the provider. */
export const OIDC_PENDING_MS = 600_000
/** A call to the provider takes at most so long. */
const TIMEOUT_S = 5
/** After the provider could not be reached it is left alone for so long. */
const COOLDOWN_MS = 10_000

/** The relying party of an OpenID Connect provider: authorization code, PKCE, state and nonce, each good once. */
export class Oidc {
  readonly setting: OidcSetting
  readonly #secret: string
  readonly #clock: Clock
  readonly #random: Random
  readonly #pending = new Map<string, Pending>()
  #discovered: Promise<client.Configuration> | undefined
  #failedAtMs: number | undefined

  private constructor(setting: OidcSetting, secret: string, ports: { readonly clock: Clock; readonly random: Random }) {
    this.setting = setting
    this.#secret = secret
    this.#clock = ports.clock
    this.#random = ports.random
  }

  /** Reads the secret. The provider is asked only when somebody signs in. @throws QuireError `QUIRE_OIDC` */
  static async open(setting: OidcSetting, ports: { readonly clock: Clock; readonly random: Random }): Promise<Oidc> {
    return new Oidc(setting, await readSecret(setting.secretFile), ports)
  }

  /**
   * Begins a sign-in.
   *
   * @param redirectUri where the provider sends the browser back to. @param to where the person is going; kept here, so
   * that nothing which comes back in an address decides it.
   * @returns where to send the browser, and what it must bring back in a cookie, so that nobody can be signed in with
   * what somebody else began. Rejects if the provider cannot be reached.
   */
  async begin(redirectUri: string, to: string): Promise<{ readonly url: string; readonly ticket: string }> {
    const configuration = await this.discover()
    const ticket = Buffer.from(this.#random.bytes(32)).toString("base64url")
    const verifier = client.randomPKCECodeVerifier()
    const pending: Pending = {
      to,
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier,
      redirectUri,
      untilMs: this.#clock.elapsed() + OIDC_PENDING_MS,
    }
    const [oldest] = this.#pending.keys()
    if (this.#pending.size >= MOST_PENDING && oldest !== undefined) this.#pending.delete(oldest)
    this.#pending.set(ticket, pending)
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: "openid email profile",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: pending.state,
      nonce: pending.nonce,
    })
    return { url: url.href, ticket }
  }

  /** Ends a sign-in. @param ticket from the cookie. @param search the query that the browser brings from the provider. */
  async finish(ticket: string, search: string): Promise<OidcEnd> {
    const pending = this.#pending.get(ticket)
    this.#pending.delete(ticket)
    if (pending === undefined || pending.untilMs < this.#clock.elapsed()) {
      return { person: "nothing was begun with this browser", to: "/" }
    }
    return { person: await this.#personOf(pending, search), to: pending.to }
  }

  /** What the provider says of itself, asked once. Rejects if it cannot be reached. */
  async discover(): Promise<client.Configuration> {
    const now = this.#clock.elapsed()
    if (this.#failedAtMs !== undefined && now - this.#failedAtMs < COOLDOWN_MS) {
      throw new Error("the provider could not be reached a moment ago")
    }
    this.#discovered ??= this.#ask().catch((error: unknown) => {
      this.#discovered = undefined
      this.#failedAtMs = this.#clock.elapsed()
      throw error
    })
    return await this.#discovered
  }

  async #personOf(pending: Pending, search: string): Promise<OidcPerson | string> {
    try {
      const configuration = await this.discover()
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${pending.redirectUri}${search}`), {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined) return "the provider sent no identity"
      const more =
        claims.email === undefined ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : claims
      return {
        external: JSON.stringify([claims.iss, claims.sub]),
        name: typeof more.name === "string" ? more.name : "",
        verifiedEmail: more.email_verified === true && typeof more.email === "string" ? more.email : undefined,
      }
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : "the provider's answer was not understood"
    }
  }

  async #ask(): Promise<client.Configuration> {
    const issuer = new URL(this.setting.issuer)
    const execute = issuer.protocol === "http:" && isLoopback(issuer.hostname) ? [client.allowInsecureRequests] : []
    return await client.discovery(issuer, this.setting.clientId, this.#secret, undefined, {
      execute,
      timeout: TIMEOUT_S,
    })
  }
}

async function readSecret(file: string): Promise<string> {
  const hint = "Give the file with --oidc-client-secret-file."
  let secret: string
  try {
    secret = (await readFile(file, "utf8")).trim()
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    throw new QuireError("QUIRE_OIDC", `the client secret's file ${file} cannot be read (${code})`, { hint })
  }
  if (secret === "") throw new QuireError("QUIRE_OIDC", `the client secret's file ${file} is empty`, { hint })
  return secret
}
