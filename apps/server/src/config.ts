import { isIP } from "node:net"
import { parseArgs } from "node:util"
import { z } from "zod"
import type { OidcSetting } from "./auth/oidc.js"
import { countedAddress } from "./client-address.js"
import type { TlsFiles } from "./tls.js"

/** Everything an operator can set. docs/configuration.md and the README have the table. */
export interface Config {
  /** TCP port; 0 takes a free one. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** The data folder: made when missing. */
  readonly dataDir: string
  /** True if anybody who reaches the address may read and write. */
  readonly isOpen: boolean
  /** Who may come: anybody, or members, guests with a link and people an application vouches for. */
  readonly access: AccessMode
  /** Origins of other sites whose pages may connect. */
  readonly origins: readonly string[]
  /** Origins of applications whose pages may show Quire's editor in a frame. */
  readonly frameOrigins: readonly string[]
  readonly logLevel: LogLevel
  /** Sockets of all documents together, 1 or more. */
  readonly maxConnections: number
  /** Sockets of one address; 0 for no limit. */
  readonly maxConnectionsPerAddress: number
  /** Addresses of proxies whose `X-Forwarded-For` is believed, as `countedAddress` writes them. */
  readonly trustedProxies: ReadonlySet<string>
  /** So many people are let in a second, 1 or more. */
  readonly joinsPerSecond: number
  /** Memory that the process may use; `undefined`: three quarters of what there is. */
  readonly maxMemoryBytes: number | undefined
  /** Files of a certificate and its key; `undefined`: plain http. */
  readonly tls: TlsFiles | undefined
  /** File of the keys with which embedding applications sign; `undefined`: nobody does. */
  readonly jwtKeysFile: string | undefined
  /** The identity provider that people may sign in with, if there is one. */
  readonly oidc: OidcSetting | undefined
}

/** Who may come. */
export type AccessMode = "open" | "members"

/** How much the log says. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent"

/** What the command line asks for. */
export type Command =
  | { readonly kind: "serve"; readonly config: Config }
  /** Say what is unsafe or wrong about what `serve` would do with the same settings: those, or why there are none. */
  | { readonly kind: "check"; readonly config: Config | undefined; readonly problems: readonly string[] }
  /** Check a data folder that no server uses, and repair it if so. */
  | { readonly kind: "doctor"; readonly dataDir: string; readonly isRepairing: boolean }
  /** Make a link by which an account's password can be chosen anew, in a data folder that no server uses. */
  | { readonly kind: "reset-link"; readonly dataDir: string; readonly email: string }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** It cannot be carried out: sentences for the person who typed it. */
  | { readonly kind: "wrong"; readonly problems: readonly string[] }

const PORT = z.coerce
  .number({ error: "the port must be a number" })
  .int("the port must be a whole number")
  .min(0, "the port must be 0 (a free one) to 65535")
  .max(65_535, "the port must be 0 (a free one) to 65535")
const ORIGIN = z.url({ protocol: /^https?$/, error: "an origin looks like https://wiki.example.org" })
/** It becomes a part of a header, so its host has nothing in it that means something there: no `*`, `;` or quote. */
const FRAME_ORIGIN = ORIGIN.transform((url) => new URL(url).origin).refine(
  (origin) => /^https?:\/\/([a-z0-9._-]+|\[[0-9a-f:]+\])(:\d+)?$/.test(origin),
  "an origin that frames looks like https://app.example.org, with no * in it",
)
/** A whole number of something, at least the smallest. */
function count(name: string, least: number): z.ZodType<number, unknown> {
  const error = `${name} must be a whole number, ${least} or more`
  return z.coerce.number({ error }).int(error).min(least, error)
}
const SETTINGS = z.object({
  port: PORT,
  host: z.string().min(1, "the host is empty"),
  data: z.string().min(1, "the data folder is empty"),
  open: z.boolean(),
  access: z.enum(["open", "members"], { error: "the access must be open or members" }),
  origins: z.array(ORIGIN.transform((url) => new URL(url).origin)),
  frameOrigins: z.array(FRAME_ORIGIN),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"], {
    error: "the log level must be debug, info, warn, error or silent",
  }),
  maxConnections: count("the most connections", 1),
  maxConnectionsPerAddress: count("the most connections of an address", 0),
  trustedProxies: z.array(
    z.string().refine((address) => isIP(address) > 0, "a trusted proxy is an IP address, such as 10.0.0.7"),
  ),
  joinsPerSecond: count("the joins a second", 1),
  maxMemory: count("the memory, in MiB,", 64).optional(),
  tlsCert: z.string().min(1, "the certificate's file has no name").optional(),
  tlsKey: z.string().min(1, "the key's file has no name").optional(),
  jwtKeys: z.string().min(1, "the keys file has no name").optional(),
  oidcIssuer: z.url({ protocol: /^https?$/, error: "the issuer looks like https://id.example.org" }).optional(),
  oidcClientId: z.string().min(1, "the client id is empty").optional(),
  oidcSecretFile: z.string().min(1, "the client secret's file has no name").optional(),
  oidcJoin: z.enum(["invited", "anybody"], { error: "who joins must be invited or anybody" }),
  oidcName: z.string().min(1).max(40, "the provider's name is longer than 40 characters"),
})

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  data: { type: "string" },
  open: { type: "boolean" },
  access: { type: "string" },
  origin: { type: "string", multiple: true },
  "frame-origin": { type: "string", multiple: true },
  "log-level": { type: "string" },
  "max-connections": { type: "string" },
  "max-connections-per-address": { type: "string" },
  "trusted-proxy": { type: "string", multiple: true },
  "joins-per-second": { type: "string" },
  "max-memory": { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  "jwt-keys": { type: "string" },
  "oidc-issuer": { type: "string" },
  "oidc-client-id": { type: "string" },
  "oidc-client-secret-file": { type: "string" },
  "oidc-join": { type: "string" },
  "oidc-name": { type: "string" },
  repair: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const

/**
 * Reads the command line and the environment; flags win.
 *
 * @param argv arguments after the script's name.
 */
export function readCommand(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  const parsed = parseFlags(argv)
  if (!parsed.ok) return { kind: "wrong", problems: [parsed.reason] }
  const { values, positionals } = parsed
  if (values.help) return { kind: "help" }
  if (values.version) return { kind: "version" }
  const [command = "serve", ...more] = positionals
  if (command === "reset-link") return resetLink(values, env, more)
  if (!(command === "serve" || command === "doctor" || command === "check") || more.length > 0) {
    const typed = [command, ...more].join(" ")
    const known = 'there are "quire serve", "quire check", "quire doctor" and "quire reset-link"'
    return { kind: "wrong", problems: [`"${typed}" is not a command: ${known}`] }
  }
  if (command === "doctor") return doctor(values, env)
  const read = values.repair ? ["--repair is for quire doctor"] : readSettings(values, env)
  if (command === "check") {
    return Array.isArray(read)
      ? { kind: "check", config: undefined, problems: read }
      : { kind: "check", config: read, problems: [] }
  }
  return Array.isArray(read) ? { kind: "wrong", problems: read } : { kind: "serve", config: read }
}

/** What `serve` is to do, or sentences about what is wrong. */
function readSettings(values: Flags["values"], env: Readonly<Record<string, string | undefined>>): Config | string[] {
  const settings = SETTINGS.safeParse({
    port: values.port ?? env.QUIRE_PORT ?? "4400",
    host: values.host ?? env.QUIRE_HOST ?? "127.0.0.1",
    data: values.data ?? env.QUIRE_DATA ?? "quire-data",
    open: values.open ?? isTrue(env.QUIRE_OPEN),
    access: values.access ?? env.QUIRE_ACCESS ?? "open",
    origins: values.origin ?? list(env.QUIRE_ORIGINS),
    frameOrigins: values["frame-origin"] ?? list(env.QUIRE_FRAME_ORIGINS),
    logLevel: values["log-level"] ?? env.QUIRE_LOG_LEVEL ?? "info",
    maxConnections: values["max-connections"] ?? env.QUIRE_MAX_CONNECTIONS ?? "12000",
    maxConnectionsPerAddress: values["max-connections-per-address"] ?? env.QUIRE_MAX_CONNECTIONS_PER_ADDRESS ?? "500",
    trustedProxies: values["trusted-proxy"] ?? list(env.QUIRE_TRUSTED_PROXIES),
    joinsPerSecond: values["joins-per-second"] ?? env.QUIRE_JOINS_PER_SECOND ?? "500",
    maxMemory: values["max-memory"] ?? env.QUIRE_MAX_MEMORY,
    tlsCert: values["tls-cert"] ?? env.QUIRE_TLS_CERT,
    tlsKey: values["tls-key"] ?? env.QUIRE_TLS_KEY,
    jwtKeys: values["jwt-keys"] ?? env.QUIRE_JWT_KEYS,
    oidcIssuer: values["oidc-issuer"] ?? env.QUIRE_OIDC_ISSUER,
    oidcClientId: values["oidc-client-id"] ?? env.QUIRE_OIDC_CLIENT_ID,
    oidcSecretFile: values["oidc-client-secret-file"] ?? env.QUIRE_OIDC_CLIENT_SECRET_FILE,
    oidcJoin: values["oidc-join"] ?? env.QUIRE_OIDC_JOIN ?? "invited",
    oidcName: values["oidc-name"] ?? env.QUIRE_OIDC_NAME ?? "your organisation",
  })
  if (!settings.success) return settings.error.issues.map((issue) => issue.message)
  const { data, open, trustedProxies, maxMemory, tlsCert, tlsKey, jwtKeys, ...most } = settings.data
  const { oidcIssuer, oidcClientId, oidcSecretFile, oidcJoin, oidcName, ...rest } = most
  if (open && rest.access === "members") return ["--open lets anybody in, --access members does not: choose one"]
  if (!open && rest.access === "open" && !isLoopback(rest.host)) return [needsOpen(rest.host)]
  if (jwtKeys !== undefined && rest.access === "open") return ["--jwt-keys has a meaning with --access members only"]
  if (rest.frameOrigins.length > 0 && jwtKeys === undefined) {
    return ["--frame-origin needs --jwt-keys: who sits in front of a frame is told by the application's tokens"]
  }
  const given = [oidcIssuer, oidcClientId, oidcSecretFile].filter((part) => part !== undefined).length
  if (given > 0 && rest.access === "open") return ["--oidc-issuer has a meaning with --access members only"]
  if (given > 0 && given < 3) {
    return ["a provider needs --oidc-issuer, --oidc-client-id and --oidc-client-secret-file"]
  }
  if (oidcIssuer?.startsWith("http:") && !isLoopback(new URL(oidcIssuer).hostname)) {
    return ["the issuer must be under https"]
  }
  const oidc =
    oidcIssuer === undefined || oidcClientId === undefined || oidcSecretFile === undefined
      ? undefined
      : { issuer: oidcIssuer, clientId: oidcClientId, secretFile: oidcSecretFile, join: oidcJoin, name: oidcName }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    return ["a certificate needs its key: give --tls-cert and --tls-key, or neither"]
  }
  return {
    ...rest,
    dataDir: data,
    isOpen: open,
    trustedProxies: new Set(trustedProxies.map(countedAddress)),
    maxMemoryBytes: maxMemory === undefined ? undefined : maxMemory * 1_048_576,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { certFile: tlsCert, keyFile: tlsKey },
    jwtKeysFile: jwtKeys,
    oidc,
  }
}

/** A folder that is only looked at must be named: a check of one that happens to be here would say nothing. */
function doctor(values: Flags["values"], env: Readonly<Record<string, string | undefined>>): Command {
  const dataDir = values.data ?? env.QUIRE_DATA
  const strange = Object.keys(values).filter((name) => name !== "data" && name !== "repair")
  if (strange.length > 0) return { kind: "wrong", problems: [`--${strange.join(", --")} is not for quire doctor`] }
  if (dataDir === undefined || dataDir === "") {
    return { kind: "wrong", problems: ["say which data folder to look at: quire doctor --data DIR"] }
  }
  return { kind: "doctor", dataDir, isRepairing: values.repair === true }
}

/** True if only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase()
  if (bare === "localhost" || bare.endsWith(".localhost")) return true
  return isIP(bare) === 4 ? bare.startsWith("127.") : bare === "::1"
}

/** A folder and an account that are changed must be named. */
function resetLink(
  values: Flags["values"],
  env: Readonly<Record<string, string | undefined>>,
  named: readonly string[],
): Command {
  const dataDir = values.data ?? env.QUIRE_DATA
  const strange = Object.keys(values).filter((name) => name !== "data")
  if (strange.length > 0) return { kind: "wrong", problems: [`--${strange.join(", --")} is not for quire reset-link`] }
  const [email, ...more] = named
  if (email === undefined || more.length > 0 || dataDir === undefined || dataDir === "") {
    return {
      kind: "wrong",
      problems: ["say whose password, and in which data folder: quire reset-link EMAIL --data DIR"],
    }
  }
  return { kind: "reset-link", dataDir, email }
}

/** What `quire --help` prints. */
export const HELP = `quire serve [--port N] [--host H] [--data DIR] [--access MODE] [--open] [--origin URL]... [--log-level LEVEL]
quire check [the same settings]
quire doctor --data DIR [--repair]
quire reset-link EMAIL --data DIR

  --port N       TCP port, 0 takes a free one   (QUIRE_PORT, 4400)
  --host H       address to listen on           (QUIRE_HOST, 127.0.0.1)
  --data DIR     the data folder                (QUIRE_DATA, ./quire-data)
  --access MODE  open: whoever reaches it reads and writes; members: people with an account or a link
                                                (QUIRE_ACCESS, open)
  --open         let anybody who reaches the address read and write; needed beyond this machine (QUIRE_OPEN=1)
  --origin URL   another site whose pages may connect; may be repeated (QUIRE_ORIGINS, separated by commas)
  --log-level L  debug, info, warn, error or silent (QUIRE_LOG_LEVEL, info)
  --max-connections N              sockets of all documents together (QUIRE_MAX_CONNECTIONS, 12000)
  --max-connections-per-address N  sockets of one address, 0 for no limit (QUIRE_MAX_CONNECTIONS_PER_ADDRESS, 500)
  --trusted-proxy ADDRESS          a proxy whose X-Forwarded-For is believed; may be repeated
                                   (QUIRE_TRUSTED_PROXIES, separated by commas)
  --joins-per-second N             people let in a second when many come at once (QUIRE_JOINS_PER_SECOND, 500)
  --max-memory MIB                 memory it may use (QUIRE_MAX_MEMORY, three quarters of what there is)
  --tls-cert FILE, --tls-key FILE  serve https with this certificate (QUIRE_TLS_CERT, QUIRE_TLS_KEY)
  --jwt-keys FILE                  keys of applications that embed Quire (QUIRE_JWT_KEYS)
  --frame-origin URL               such an application's pages may show the editor in a frame; may be repeated
                                   (QUIRE_FRAME_ORIGINS, separated by commas)
  --oidc-issuer URL, --oidc-client-id ID, --oidc-client-secret-file FILE
                                   let people sign in with this OpenID Connect provider (QUIRE_OIDC_ISSUER, …)
  --oidc-join WHO                  who gets an account that way: invited or anybody (QUIRE_OIDC_JOIN, invited)
  --oidc-name NAME                 what the provider is called (QUIRE_OIDC_NAME)

quire check says what is unsafe or wrong about these settings, and starts nothing.
quire doctor checks a data folder that no server uses and says what is wrong; it changes nothing.
  --repair       repair what can be; everything as it was goes to DIR/quarantine
quire reset-link makes a link by which whoever has lost a password chooses another one. The server is stopped meanwhile.`

type Flags = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>

function parseFlags(
  argv: readonly string[],
): ({ readonly ok: true } & Pick<Flags, "values" | "positionals">) | { readonly ok: false; readonly reason: string } {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
    return { ok: true, values, positionals }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true"
}

function list(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
}

function needsOpen(host: string): string {
  return (
    `listening on ${host} would let everybody who reaches it read and write: ` +
    "add --access members to let in whom you invite, --open if everybody may, or stay on 127.0.0.1"
  )
}
