import { createPublicKey } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer } from "node:https"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import WebSocket from "ws"
import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"
import { fetchText } from "../src/auth/keys-fetch.js"
import { CLAIMS, EC, hmac, KEYS_FILE, OTHER, pair, SECRET, signed } from "./auth/jwt-corpus.js"
import { makeCertificate } from "./certificate.js"
import {
  clientForTest,
  ownedByTest,
  patience,
  type RunningServer,
  serverForTest,
  temporaryFolder,
  waitUntil,
} from "./harness.js"

/** Claims that are good by this machine's clock. */
function claims(more: Readonly<Record<string, unknown>> = {}): object {
  return { ...CLAIMS, exp: Math.floor(Date.now() / 1_000) + 600, ...more }
}

function grant(role: string, document = "team/plan"): object {
  return claims({ quire: { documents: { [document]: role } } })
}

async function serverWith(keys: unknown): Promise<{ readonly server: RunningServer; readonly file: string }> {
  const file = join(await temporaryFolder(), "keys.json")
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 })
  const args = ["--access", "members", "--jwt-keys", file, "--origin", "https://app.example", "--log-level", "debug"]
  return { server: await serverForTest({ args }), file }
}

/** How a socket that says nothing more ends. */
function ended(url: string): Promise<{ readonly code: number; readonly reason: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.on("error", reject)
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }))
  })
}

async function heard(server: RunningServer, event: string): Promise<void> {
  await waitUntil(server.process.subscribe, () => server.process.log.some((line) => line.event === event), event)
}

describe("a token", () => {
  it("lets its bearer in: natively, by a plain client's address, and over HTTP; and is in no log", async () => {
    const { server } = await serverWith(KEYS_FILE)
    const token = hmac(grant("editor"))
    const ada = clientForTest(server.sync, "team/plan", { token })
    await ada.provider.whenSynced(patience())
    ada.ydoc.getText("text").insert(0, "by token")
    await ada.provider.whenSaved(patience())

    const ydoc = new Y.Doc()
    const plain = new WebsocketProvider(server.sync, "team/plan", ydoc, {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket, // the same for what it uses
      params: { token },
      disableBc: true,
    })
    ownedByTest({
      close: () => {
        plain.destroy()
        ydoc.destroy()
      },
    })
    await waitUntil(
      (look) => {
        plain.on("sync", look)
        return () => plain.off("sync", look)
      },
      () => plain.synced,
      "the plain client",
    )
    expect(ydoc.getText("text").toString()).toBe("by token")

    const bearer = { headers: { authorization: `Bearer ${token}` } }
    expect((await fetch(`${server.http}/api/documents/team%2Fplan`, bearer)).status).toBe(200)
    expect((await fetch(`${server.http}/api/documents/other`, bearer)).status).toBe(404)
    await ended(`${server.sync}/team%2Fplan?token=${token}x`)

    const said = server.process.stdout + server.process.stderr
    for (const secret of [token, token.split(".")[2] ?? token, SECRET]) expect(said).not.toContain(secret)
    expect(server.process.log.some(({ event }) => event === "token.refused")).toBe(true)
  })

  it("that is missing, bad, or for another document opens nothing, and none of them tells what there is", async () => {
    const { server } = await serverWith(KEYS_FILE)
    const there = clientForTest(server.sync, "team/plan", { token: hmac(grant("owner")) })
    await there.provider.whenSynced(patience())
    there.ydoc.getText("text").insert(0, "secret")
    await there.provider.whenSaved(patience())
    const url = (document: string, token: string): string => `${server.sync}/${document}?token=${token}`
    expect(await ended(`${server.sync}/team%2Fplan`)).toMatchObject({ code: 4401 })
    expect(await ended(url("team%2Fplan", hmac(grant("owner"), undefined, `${SECRET}x`)))).toMatchObject({ code: 4401 })
    const stranger = hmac(grant("owner", "elsewhere"))
    const forbidden = await ended(url("team%2Fplan", stranger))
    expect(forbidden.code).toBe(4403)
    expect(await ended(url("not-there", stranger))).toEqual(forbidden)
  })

  it("of a viewer reads and does not write", async () => {
    const { server } = await serverWith(KEYS_FILE)
    const editor = clientForTest(server.sync, "team/plan", { token: hmac(grant("editor")) })
    await editor.provider.whenSynced(patience())
    const viewer = clientForTest(server.sync, "team/plan", {
      token: hmac(claims({ sub: "ben", quire: { documents: { "team/plan": "viewer" } } })),
    })
    await viewer.provider.whenSynced(patience())
    viewer.ydoc.getText("text").insert(0, "forbidden")
    editor.ydoc.getText("text").insert(0, "allowed")
    await editor.provider.whenSaved(patience())
    await waitUntil(
      (look) => {
        viewer.ydoc.on("update", look)
        return () => viewer.ydoc.off("update", look)
      },
      () => viewer.ydoc.getText("text").toString().includes("allowed"),
      "the editor's text",
    )
    expect(editor.ydoc.getText("text").toString()).toBe("allowed")
  })

  it("is judged by other keys after SIGHUP; a file that cannot be used changes nothing, and is said", async () => {
    const { server, file } = await serverWith(KEYS_FILE)
    const next = pair("ed25519")
    const token = signed(claims(), { alg: "EdDSA", kid: "new" }, next.privateKey)
    const url = `${server.http}/api/documents`
    const status = async (bearer: string): Promise<number> =>
      (await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).status
    expect(await status(token)).toBe(401)
    await writeFile(file, '{"keys":[]}')
    server.process.signal("SIGHUP")
    await heard(server, "token.keys-kept")
    expect(await status(hmac(claims()))).toBe(200)
    const key = { kid: "new", alg: "EdDSA", issuer: "https://app.example", audience: "quire", key: next.publicKey }
    await writeFile(file, JSON.stringify({ keys: [key] }))
    server.process.signal("SIGHUP")
    await heard(server, "token.keys-reloaded")
    expect(await status(token)).toBe(200)
    expect(await status(hmac(claims()))).toBe(401)
  })

  it("ends with the key that signed it, on the open socket too; what other keys signed stays", async () => {
    const { server, file } = await serverWith(KEYS_FILE)
    const taken = clientForTest(server.sync, "team/plan", { token: hmac(grant("editor")) })
    const kept = clientForTest(server.sync, "team/plan", {
      token: signed(grant("editor"), { alg: "ES256", kid: "es" }, EC.privateKey),
    })
    for (const { provider } of [taken, kept]) await provider.whenSynced(patience())
    // The same keys once more, in another order: nobody notices.
    await writeFile(file, JSON.stringify({ keys: KEYS_FILE.keys.toReversed() }))
    server.process.signal("SIGHUP")
    await heard(server, "token.keys-reloaded")
    expect(taken.provider.getStatus().connection.kind).toBe("live")
    await writeFile(file, JSON.stringify({ keys: KEYS_FILE.keys.filter(({ kid }) => kid === "es") }))
    server.process.signal("SIGHUP")
    await waitUntil(
      taken.provider.subscribe,
      () => taken.provider.getStatus().connection.kind === "refused",
      "the end of the connection",
    )
    expect(taken.provider.getStatus().connection).toMatchObject({ kind: "refused", code: 4401 })
    kept.ydoc.getText("text").insert(0, "still here")
    await kept.provider.whenSaved(patience())
    expect(kept.provider.getStatus().connection.kind).toBe("live")
  })

  it("is judged by a key set that lies in a file beside the keys", async () => {
    const folder = await temporaryFolder()
    const jwk = { ...createPublicKey(EC.publicKey).export({ format: "jwk" }), kid: "one" }
    await writeFile(join(folder, "set.json"), JSON.stringify({ keys: [jwk] }))
    const keys = { keys: [{ alg: "ES256", issuer: CLAIMS.iss, audience: "quire", jwks: "set.json" }] }
    await writeFile(join(folder, "keys.json"), JSON.stringify(keys))
    const server = await serverForTest({ args: ["--access", "members", "--jwt-keys", join(folder, "keys.json")] })
    const status = async (key: string): Promise<number> => {
      const authorization = `Bearer ${signed(claims(), { alg: "ES256", kid: "one" }, key)}`
      return (await fetch(`${server.http}/api/documents`, { headers: { authorization } })).status
    }
    expect(await status(EC.privateKey)).toBe(200)
    expect(await status(OTHER.privateKey)).toBe(401)
  })
})

describe("an address that is fetched", () => {
  const bounds = { bytes: 1_000, timeMs: 5_000 }
  const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
    "/good": (response) => response.end("{}"),
    "/elsewhere": (response) => response.writeHead(302, { location: "/good" }).end(),
    "/long": (response) => response.end("x".repeat(1_001)),
    "/missing": (response) => response.writeHead(404).end(),
    "/silent": () => undefined,
  }
  const listener = ({ url }: IncomingMessage, response: ServerResponse): void => answers[url ?? ""]?.(response)

  async function host(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    ownedByTest({
      close: () => {
        server.closeAllConnections()
        server.close()
      },
    })
    return (server.address() as { readonly port: number }).port // it listens on a port
  }

  it("is read; what redirects, is missing, too long or silent is not", async () => {
    const base = `http://127.0.0.1:${await host(createPlainServer(listener))}`
    expect(await fetchText(`${base}/good`, bounds)).toBe("{}")
    await expect(fetchText(`${base}/elsewhere`, bounds)).rejects.toThrow("cannot be reached")
    await expect(fetchText(`${base}/long`, bounds)).rejects.toThrow("longer than 1000 bytes")
    await expect(fetchText(`${base}/missing`, bounds)).rejects.toThrow("answered 404")
    await expect(fetchText(`${base}/silent`, { ...bounds, timeMs: 1 })).rejects.toThrow()
  })

  it("with a certificate that nobody vouches for is not", async () => {
    const port = await host(createServer(makeCertificate(), listener))
    await expect(fetchText(`https://127.0.0.1:${port}/good`, bounds)).rejects.toThrow("self-signed certificate")
  })
})

describe("a server with a keys file that cannot be used", () => {
  it.each([
    ["no JSON", "{"],
    ["a weak secret", JSON.stringify({ keys: [{ ...KEYS_FILE.keys[0], key: "short" }] })],
  ])("does not start: %s", async (_name, text) => {
    const file = join(await temporaryFolder(), "keys.json")
    await writeFile(file, text)
    await expect(serverForTest({ args: ["--access", "members", "--jwt-keys", file] })).rejects.toThrow("QUIRE_JWT_KEYS")
  })
})
