import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import WebSocket from "ws"
import type { WebsocketProvider } from "y-websocket"
import type * as Y from "yjs"
import { SECRET } from "./auth/jwt-corpus.js"
import { onUpdate, ownedByTest, serverForTest, temporaryFolder, waitUntil } from "./harness.js"

const EXAMPLE = new URL("../../../examples/embed/", import.meta.url)

interface Notes {
  readonly ydoc: Y.Doc
  readonly text: Y.Text
  readonly provider: WebsocketProvider
  close(): void
}

/** What the example's `notes.js` exports. */
interface NotesModule {
  openNotes(server: string, document: string, fetchToken: () => Promise<unknown>, more: object): Promise<Notes>
}

it("the example of docs/embedding.md: an application's people write together, as far as it lets them", async () => {
  const folder = await temporaryFolder()
  const key = { kid: "app", alg: "HS256", issuer: "https://app.example", audience: "quire", key: SECRET }
  await writeFile(join(folder, "keys.json"), JSON.stringify({ keys: [key] }), { mode: 0o600 })
  await writeFile(join(folder, "secret.txt"), `${SECRET}\n`, { mode: 0o600 })
  const args = ["--access", "members", "--jwt-keys", join(folder, "keys.json"), "--origin", "http://127.0.0.1:4500"]
  const server = await serverForTest({ args })
  const app = await startApp({ QUIRE_SYNC_URL: server.sync, QUIRE_SECRET_FILE: join(folder, "secret.txt"), PORT: "0" })

  expect(await (await fetch(app)).text()).toContain(server.sync)
  expect(await (await fetch(`${app}/page.js`)).text()).toContain("quire-token")
  expect((await fetch(`${app}/quire-token`)).status).toBe(401)
  expect((await fetch(`${app}/quire-token`, { headers: { cookie: "user=constructor" } })).status).toBe(401)

  const { openNotes } = (await import(new URL("notes.js", EXAMPLE).href)) as NotesModule
  const open = async (user: string): Promise<Notes> => {
    const fetchToken = async (): Promise<unknown> =>
      (await fetch(`${app}/quire-token`, { headers: { cookie: `user=${user}` } })).json()
    return ownedByTest(await openNotes(server.sync, "app/notes", fetchToken, { WebSocketPolyfill: WebSocket }))
  }
  const ada = await open("ada")
  const ben = await open("ben")
  for (const { provider } of [ada, ben]) {
    const watch = (look: () => void): (() => void) => {
      provider.on("sync", look)
      return () => provider.off("sync", look)
    }
    await waitUntil(watch, () => provider.synced, "the server")
  }
  ada.text.insert(0, "What an editor writes. ")
  await waitUntil(onUpdate(ben.ydoc), () => ben.text.toString().includes("an editor"), "Ada's text")
  const codes: number[] = []
  const closed = (look: () => void): (() => void) => {
    const hear = (event: { readonly code: number } | null): void => {
      codes.push(event?.code ?? 0)
      look()
    }
    ben.provider.on("connection-close", hear)
    return () => ben.provider.off("connection-close", hear)
  }
  const isClosed = waitUntil(closed, () => codes.length > 0, "the end of Ben's connection")
  ben.text.insert(0, "What a viewer writes. ")
  await isClosed
  expect(codes).toEqual([4403])
  const newcomer = await open("ada")
  await waitUntil(onUpdate(newcomer.ydoc), () => newcomer.text.length > 0, "the document")
  expect(newcomer.text.toString()).toBe("What an editor writes. ")
})

async function startApp(env: Readonly<Record<string, string>>): Promise<string> {
  const script = fileURLToPath(new URL("app.mjs", EXAMPLE))
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = once(child, "exit")
  ownedByTest({
    close: async () => {
      child.kill("SIGKILL")
      await ended
    },
  })
  let said = ""
  return await new Promise((resolve, reject) => {
    child.stderr.on("data", (text: Buffer) => {
      said += text
    })
    child.stdout.on("data", (text: Buffer) => {
      said += text
      const address = /is at (http:\S+)\n/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
    ended.then(() => reject(new Error(`the application ended: ${said}`)), reject)
  })
}
