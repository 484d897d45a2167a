import { isIP } from "node:net"
import { parseArgs } from "node:util"
import { z } from "zod"
import { countedAddress } from "./client-address.js"

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
}

/** Who may come. */
export type AccessMode = "open" | "members"

/** How much the log says. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent"

/** What the command line asks for. */
export type Command =
  | { readonly kind: "serve"; readonly config: Config }
  /** Check a data folder that no server uses, and repair it if so. */
  | { readonly kind: "doctor"; readonly dataDir: string; readonly isRepairing: boolean }
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
})

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  data: { type: "string" },
  open: { type: "boolean" },
  access: { type: "string" },
  origin: { type: "string", multiple: true },
  "log-level": { type: "string" },
  "max-connections": { type: "string" },
  "max-connections-per-address": { type: "string" },
  "trusted-proxy": { type: "string", multiple: true },
  "joins-per-second": { type: "string" },
  "max-memory": { type: "string" },
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
  if (!(command === "serve" || command === "doctor") || more.length > 0) {
    const typed = [command, ...more].join(" ")
    return { kind: "wrong", problems: [`"${typed}" is not a command: there are "quire serve" and "quire doctor"`] }
  }
  if (command === "doctor") return doctor(values, env)
  if (values.repair) return { kind: "wrong", problems: ["--repair is for quire doctor"] }
  const settings = SETTINGS.safeParse({
    port: values.port ?? env.QUIRE_PORT ?? "4400",
    host: values.host ?? env.QUIRE_HOST ?? "127.0.0.1",
    data: values.data ?? env.QUIRE_DATA ?? "quire-data",
    open: values.open ?? isTrue(env.QUIRE_OPEN),
    access: values.access ?? env.QUIRE_ACCESS ?? "open",
    origins: values.origin ?? list(env.QUIRE_ORIGINS),
    logLevel: values["log-level"] ?? env.QUIRE_LOG_LEVEL ?? "info",
    maxConnections: values["max-connections"] ?? env.QUIRE_MAX_CONNECTIONS ?? "12000",
    maxConnectionsPerAddress: values["max-connections-per-address"] ?? env.QUIRE_MAX_CONNECTIONS_PER_ADDRESS ?? "500",
    trustedProxies: values["trusted-proxy"] ?? list(env.QUIRE_TRUSTED_PROXIES),
    joinsPerSecond: values["joins-per-second"] ?? env.QUIRE_JOINS_PER_SECOND ?? "500",
    maxMemory: values["max-memory"] ?? env.QUIRE_MAX_MEMORY,
  })
  if (!settings.success) return { kind: "wrong", problems: settings.error.issues.map((issue) => issue.message) }
  const { data, open, trustedProxies, maxMemory, ...rest } = settings.data
  if (open && rest.access === "members") {
    return { kind: "wrong", problems: ["--open lets anybody in, --access members does not: choose one"] }
  }
  if (!open && rest.access === "open" && !isLoopback(rest.host))
    return { kind: "wrong", problems: [needsOpen(rest.host)] }
  const config = {
    ...rest,
    dataDir: data,
    isOpen: open,
    trustedProxies: new Set(trustedProxies.map(countedAddress)),
    maxMemoryBytes: maxMemory === undefined ? undefined : maxMemory * 1_048_576,
  }
  return { kind: "serve", config }
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

/** What `quire --help` prints. */
export const HELP = `quire serve [--port N] [--host H] [--data DIR] [--access MODE] [--open] [--origin URL]... [--log-level LEVEL]
quire doctor --data DIR [--repair]

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

quire doctor checks a data folder that no server uses and says what is wrong; it changes nothing.
  --repair       repair what can be; everything as it was goes to DIR/quarantine`

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
