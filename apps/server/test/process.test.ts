import { mkdir, readFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import {
  type Client,
  clientForTest,
  hurriedClock,
  ownedByTest,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  temporaryFolder,
  waitUntil,
} from "./harness.js"
import { type Exit, type ProcessOptions, QuireProcess } from "./quire-process.js"
import { RawSocket } from "./raw-socket.js"
import { limitFileSize } from "./small-disk.js"
import { brokenPromises, PLAIN, Typist } from "./typing.js"

/** The command as an operator meets it: its one line, its refusals, its end. */

const COMMAND = fileURLToPath(new URL("../bin/quire.js", import.meta.url))

/** A command that is killed after the test, if it still runs. */
function command(args: readonly string[], options: ProcessOptions = {}): QuireProcess {
  const started = new QuireProcess(args, options)
  ownedByTest({ close: () => started.kill9() })
  return started
}

describe("quire serve", () => {
  it("takes a free port for port 0, and says where it listens as the first line", async () => {
    const folder = await temporaryFolder()
    const quire = command(["serve", "--port", "0", "--data", folder], { entry: COMMAND })
    const address = await quire.listening()
    expect(quire.stdout).toBe(`Quire is listening on ${address}\n`)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect(await (await fetch(`${address}/api/health`)).json()).toEqual({ status: "ok" })
  })

  it("runs without the word serve, and makes the data folder", async () => {
    const folder = join(await temporaryFolder(), "not", "there", "yet")
    const quire = command(["--port", "0", "--data", folder], { entry: COMMAND })
    await quire.listening()
    expect(await readFile(join(folder, "format"), "utf8")).toBe("quire storage format 1\n")
  })

  it("listens beyond this machine once that is said to be meant", async () => {
    const folder = await temporaryFolder()
    const quire = command(["serve", "--host", "0.0.0.0", "--open", "--port", "0", "--data", folder])
    expect(await quire.listening()).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
  })
})

describe("quire refuses with one sentence and exit code 1", () => {
  it("a port that is taken", async () => {
    const server = await serverForTest()
    const folder = await temporaryFolder()
    const sentence = await refusal(["serve", "--port", String(server.port), "--data", folder])
    expect(sentence).toMatch(
      new RegExp(`^quire: port ${server.port} on 127\\.0\\.0\\.1 is taken by another program\\.`),
    )
    expect(sentence).toContain("--port")
  })

  it("a folder that cannot be written", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "in the way")
    const sentence = await refusal(["serve", "--port", "0", "--data", join(file, "data")])
    expect(sentence).toContain(`the data folder ${join(file, "data")} cannot be written`)
  })

  it("a folder that a newer release wrote", async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, "format"), "quire storage format 2\n")
    const sentence = await refusal(["serve", "--port", "0", "--data", folder])
    expect(sentence).toContain("has format 2, this release knows 1")
    expect(sentence).toContain("Start the newer release again")
  })

  it("a folder that is somebody else's", async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, "level"))
    const sentence = await refusal(["serve", "--port", "0", "--data", folder])
    expect(sentence).toContain("has data but no format file")
  })

  it("a folder that another process has open, which goes on", async () => {
    const server = await serverForTest()
    const sentence = await refusal(["serve", "--port", "0", "--data", server.folder])
    expect(sentence).toContain(`the data folder ${server.folder} is in use by another process`)
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
  })

  it.each<[string, readonly string[], string]>([
    ["a host beyond this machine without --open", ["serve", "--host", "0.0.0.0"], "--open"],
    ["an unknown flag", ["serve", "--prot", "1"], "--prot"],
    ["an unknown command", ["server"], '"server" is not a command'],
    ["a port that is no number", ["serve", "--port", "many"], "port must be a number"],
    ["a port that does not exist", ["serve", "--port", "65536"], "0 (a free one) to 65535"],
    ["a log level that does not exist", ["serve", "--log-level", "loud"], "the log level must be"],
    ["an origin that is none", ["serve", "--origin", "wiki"], "an origin looks like"],
    ["a rate at which nobody comes in", ["serve", "--joins-per-second", "0"], "must be a whole number, 1 or more"],
    ["memory that is no number", ["serve", "--max-memory", "much"], "must be a whole number, 64 or more"],
    ["a proxy that is no address", ["serve", "--trusted-proxy", "proxy.local"], "a trusted proxy is an IP address"],
  ])("%s", async (_what, args, words) => {
    expect(await refusal([...args, "--data", await temporaryFolder()])).toContain(words)
  })

  it("an address that is not this machine's", async () => {
    const folder = await temporaryFolder()
    const sentence = await refusal(["serve", "--host", "192.0.2.1", "--open", "--port", "0", "--data", folder])
    expect(sentence).toContain("cannot listen on 192.0.2.1")
  })
})

describe("a request to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "while people type (%s): closes 1012 with a hint, exits 0, and nothing is lost",
    async (signal) => {
      const server = await serverForTest()
      const documents = ["a", "b", "c", "d", "e", "f"]
      const typists = documents.map((document, i) => typistAt(server, document, i))
      await Promise.all(typists.map(({ client }) => client.provider.whenSynced(patience())))
      const witness = await RawSocket.open(server.port, "/sync/a")
      for (const typist of typists) typist.start()
      await Promise.all(typists.map(({ client }) => client.provider.whenSaved(patience())))
      expect(await server.stop(signal)).toEqual({ code: 0, signal: null })
      const ending = await witness.ending()
      expect(ending.code).toBe(1012)
      expect(ending.reason).toMatch(/^retry=\d+ the server restarts$/)
      for (const typist of typists) typist.stop()
      // Somebody who was not here reads first: what was acknowledged is there without anybody's help.
      // It is asked at another address, which those who wait for the server do not know.
      const elsewhere = await serverForTest({ folder: server.folder })
      for (const [i, typist] of typists.entries()) {
        const found = await readFresh(elsewhere.sync, documents[i] ?? "", PLAIN.tokens)
        expect(brokenPromises(found, [typist])).toEqual([])
      }
      await elsewhere.kill9()
      // Then everybody sends again what was not.
      await server.restart()
      await Promise.all(typists.map(({ client }) => client.provider.whenSaved(patience())))
      for (const [i, typist] of typists.entries()) {
        const found = await readFresh(server.sync, documents[i] ?? "", PLAIN.tokens)
        expect(brokenPromises(found, [typist])).toEqual([])
        expect(typist.undecided).toEqual([])
      }
    },
  )

  it("takes no new people while it stops", async () => {
    const server = await serverForTest()
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    await expect(fetch(`${server.http}/api/health`)).rejects.toThrow()
  })

  it("given twice at once is one", async () => {
    const server = await serverForTest()
    server.process.signal("SIGTERM")
    server.process.signal("SIGTERM")
    expect(await server.process.ended).toEqual({ code: 0, signal: null })
  })

  it("given again and again ends the process at once, even if something is not written", async () => {
    const server = await serverThatCannotWrite()
    const insist = (listener: () => void): (() => void) => {
      const timer = setInterval(() => {
        server.process.signal("SIGTERM")
        listener()
      }, 50)
      return () => clearInterval(timer)
    }
    await waitUntil(insist, () => server.process.exit !== undefined, "the end")
    expect(server.process.exit).toEqual({ code: 1, signal: null })
    expect(events(server)).toContain("process.stopping")
    expect(events(server)).not.toContain("process.unsaved")
  })

  it("names what could not be written, and exits 1 within 10 s", async () => {
    const server = await serverThatCannotWrite()
    expect(await server.stop()).toEqual({ code: 1, signal: null })
    const unsaved = server.process.log.find(({ event }) => event === "process.unsaved")
    expect(unsaved).toMatchObject({ document: "notes", bytes: expect.any(Number) })
  })
})

/** A server with an edit that its disk refuses. */
async function serverThatCannotWrite(): Promise<RunningServer> {
  const disk = ownedByTest(limitFileSize())
  const server = await serverForTest({ under: disk.under })
  disk.begin(server.process.pid)
  const { ydoc, provider } = await joined(server)
  const isFull = (): boolean => provider.getStatus().save.kind === "not-saved"
  ydoc.getText("text").insert(0, "x".repeat(2 * disk.limitBytes))
  await waitUntil(provider.subscribe, isFull, "the disk's refusal")
  return server
}

function events(server: RunningServer): (string | undefined)[] {
  return server.process.log.map(({ event }) => event)
}

describe("GET /api/health", () => {
  it("is 200 and ok while the server can serve and store", async () => {
    const server = await serverForTest()
    const response = await fetch(`${server.http}/api/health`)
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }])
  })
})

describe("a connection that says nothing", () => {
  it("does not keep the server from stopping", async () => {
    const server = await serverForTest()
    const socket = connect(server.port, "127.0.0.1")
    ownedByTest({ close: () => void socket.destroy() })
    socket.on("error", () => socket.destroy()) // the server cuts it
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()))
    socket.write("GET / HT")
    expect(await server.stop()).toEqual({ code: 0, signal: null })
  })
})

/** Runs a command that must refuse. @returns its sentence. */
async function refusal(args: readonly string[]): Promise<string> {
  const quire = command(args)
  const exit: Exit = await quire.ended
  expect(exit).toEqual({ code: 1, signal: null })
  expect(quire.stdout).toBe("")
  const lines = quire.stderr.trimEnd().split("\n")
  expect(lines).toHaveLength(1)
  return lines[0] ?? ""
}

async function joined(server: RunningServer): Promise<Client> {
  const client = clientForTest(server.sync, "notes", { clock: hurriedClock(5) })
  await client.provider.whenSynced(patience())
  return client
}

function typistAt(server: RunningServer, document: string, seed: number): Typist {
  const typist = new Typist(document, {
    url: server.sync,
    document,
    content: PLAIN,
    random: new SeededRandom(seed),
    onEdit: () => undefined,
    provider: { clock: hurriedClock(5) },
  })
  ownedByTest({ close: () => typist.client.close() })
  return typist
}
