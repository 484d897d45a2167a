import { writeFile } from "node:fs/promises"
import { get as getPlain } from "node:http"
import { get } from "node:https"
import { join } from "node:path"
import { connect, type TLSSocket } from "node:tls"
import { describe, expect, it } from "vitest"
import WebSocket from "ws"
import { type MadeCertificate, makeCertificate } from "./certificate.js"
import {
  type ClientOptions,
  clientForTest,
  ownedByTest,
  patience,
  serverForTest,
  temporaryFolder,
  waitUntil,
} from "./harness.js"
import { QuireProcess } from "./quire-process.js"

describe("a server with a certificate", () => {
  it("serves pages and sockets over TLS, says so to browsers, and answers nothing without it", async () => {
    const made = makeCertificate()
    const { address } = await serve(made)
    expect(address).toMatch(/^https:/)
    const answer = await ask(`${address}/api/health`, made)
    expect(answer).toMatchObject({ status: 200, strict: expect.stringMatching(/^max-age=\d+/) })
    await expect(askPlain(address.replace("https:", "http:"))).rejects.toThrow()
    const client = clientForTest(`${address.replace("https:", "wss:")}/sync`, "tls", { WebSocket: trusting(made) })
    await client.provider.whenSynced(patience())
    client.ydoc.getText("text").insert(0, "over TLS")
    await client.provider.whenSaved(patience())
  })

  it("serves a new one on SIGHUP; who is connected stays and keeps writing", async () => {
    const first = makeCertificate()
    const { address, process, replace } = await serve(first)
    const client = clientForTest(`${address.replace("https:", "wss:")}/sync`, "tls", { WebSocket: trusting(first) })
    await client.provider.whenSynced(patience())
    const second = makeCertificate()
    await replace(second)
    await heard(process, "tls.reloaded")
    expect(await servedBy(address)).toBe(second.fingerprint)
    client.ydoc.getText("text").insert(0, "still here")
    await client.provider.whenSaved(patience())
    await expect(ask(`${address}/api/health`, first)).rejects.toThrow()
    expect((await ask(`${address}/api/health`, second)).status).toBe(200)
  })

  const other = makeCertificate()
  const bad: Readonly<Record<string, Partial<MadeCertificate>>> = {
    "a key of another certificate": { key: other.key },
    "no certificate": { cert: "hello" },
    "no key": { key: "" },
    "a certificate whose time is over": makeCertificate(undefined, -1),
  }
  it.each(Object.entries(bad))("keeps the old one if the new one is %s, and says so", async (_name, pair) => {
    const first = makeCertificate()
    const { address, process, replace } = await serve(first)
    await replace({ ...first, ...pair })
    await heard(process, "tls.kept")
    expect(await servedBy(address)).toBe(first.fingerprint)
    expect(process.stderr).not.toContain("PRIVATE KEY")
  })

  it.each(["a key of another certificate", "no certificate", "no key"])("does not start with %s", async (name) => {
    const files = await write({ ...makeCertificate(), ...bad[name] })
    const process = new QuireProcess(["serve", "--port", "0", "--data", join(files.folder, "data"), ...files.args])
    expect((await process.ended).code).toBe(1)
    expect(process.stderr).toContain("QUIRE_TLS_FILES")
    expect(process.stderr).not.toContain("PRIVATE KEY")
  })

  it("does not start with a certificate and no key", async () => {
    const process = new QuireProcess(["serve", "--port", "0", "--tls-cert", "cert.pem"])
    expect((await process.ended).code).toBe(1)
    expect(process.stderr).toContain("--tls-key")
  })

  it("lives on after hundreds of connections that are no TLS, or end in the handshake", async () => {
    const made = makeCertificate()
    const { address } = await serve(made)
    await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) =>
        n % 2 === 0 ? askPlain(address.replace("https:", "http:")) : ask(address, other),
      ),
    )
    expect((await ask(`${address}/api/health`, made)).status).toBe(200)
  })
})

describe("X-Forwarded-Proto", () => {
  const cases: readonly (readonly [string, readonly string[], string | undefined, boolean])[] = [
    ["from a named proxy", ["--trusted-proxy", "127.0.0.1"], "https", true],
    ["that says http", ["--trusted-proxy", "127.0.0.1"], "http", false],
    ["that is missing", ["--trusted-proxy", "127.0.0.1"], undefined, false],
    ["that the sender began and the proxy ended", ["--trusted-proxy", "127.0.0.1"], "https, http", false],
    ["that is nonsense", ["--trusted-proxy", "127.0.0.1"], "httpsx", false],
    ["forged, without proxies", [], "https", false],
    ["forged, past another proxy", ["--trusted-proxy", "10.0.0.7"], "https", false],
  ]
  it.each(cases)("%s is believed or not", async (_name, args, proto, isBelieved) => {
    const server = await serverForTest({ args })
    const answer = await askPlain(
      `${server.http}/api/health`,
      proto === undefined ? {} : { "x-forwarded-proto": proto },
    )
    expect(answer.strict !== undefined).toBe(isBelieved)
  })
})

interface Served {
  readonly address: string
  readonly process: QuireProcess
  readonly replace: (made: MadeCertificate) => Promise<void>
}

async function serve(made: MadeCertificate): Promise<Served> {
  const files = await write(made)
  const args = ["serve", "--port", "0", "--data", join(files.folder, "data"), ...files.args]
  const process = new QuireProcess(args)
  ownedByTest({ close: () => process.kill9() })
  const address = await process.listening()
  const replace = async (next: MadeCertificate): Promise<void> => {
    await files.write(next)
    process.signal("SIGHUP")
  }
  return { address, process, replace }
}

async function write(made: MadeCertificate): Promise<{
  readonly folder: string
  readonly args: readonly string[]
  readonly write: (next: MadeCertificate) => Promise<void>
}> {
  const folder = await temporaryFolder()
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")]
  const write = async (next: MadeCertificate): Promise<void> => {
    await writeFile(cert, next.cert)
    await writeFile(key, next.key, { mode: 0o600 })
  }
  await write(made)
  return { folder, args: ["--tls-cert", cert, "--tls-key", key], write }
}

async function heard(process: QuireProcess, event: string): Promise<void> {
  await waitUntil(process.subscribe, () => process.log.some((line) => line.event === event), event)
}

/** A WebSocket that believes this certificate. */
function trusting({ cert }: MadeCertificate): NonNullable<ClientOptions["WebSocket"]> {
  return class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols, { ca: cert })
    }
  }
}

interface Answer {
  readonly status: number | undefined
  readonly strict: string | undefined
}

function ask(url: string, { cert }: MadeCertificate): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { ca: cert, agent: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, strict: response.headers["strict-transport-security"] })
    }).on("error", reject)
  })
}

function askPlain(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    getPlain(url, { headers, agent: false }, (response) => {
      response.resume()
      const strict = response.headers["strict-transport-security"]
      resolve({ status: response.statusCode, strict: Array.isArray(strict) ? strict[0] : strict })
    }).on("error", reject)
  })
}

/** Fingerprint of the certificate that somebody who connects now is shown. */
function servedBy(address: string): Promise<string> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "")
      socket.destroy()
    }).on("error", reject)
  })
}
