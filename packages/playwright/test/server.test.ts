import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { GivenServer, QuireServer } from "../src/server.js"

/** A command that does what the server's does, as far as a test's server sees. */
const LISTENS = `
import { createServer } from "node:http"
const port = Number(process.argv[process.argv.indexOf("--port") + 1])
const server = createServer((_request, response) => response.end(String(process.pid)))
server.listen(port, "127.0.0.1", () => {
  process.stderr.write("a warning\\n")
  process.stdout.write("Quire is listening on http://127.0.0.1:" + server.address().port + "\\n")
})
`

describe("QuireServer", { timeout: 60_000 }, () => {
  let folder: string
  const script = (text: string): string => {
    const file = join(folder, "run.mjs")
    writeFileSync(file, text)
    return file
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "quire-command-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it("keeps its port over kills, stops and restarts, and its log", async () => {
    const server = await QuireServer.start(script(LISTENS))
    const { url, syncUrl } = server
    expect(syncUrl).toBe(`${url.replace("http", "ws")}/sync`)
    const pid = async (): Promise<string> => (await fetch(url)).text()
    const first = await pid()
    await server.kill()
    await expect(fetch(url)).rejects.toThrow()
    await server.start()
    const second = await pid()
    await server.restart()
    expect(new Set([first, second, await pid()]).size).toBe(3)
    expect(server.url).toBe(url)
    expect(server.log).toContain("a warning")
    await server.dispose()
    await server.dispose()
    await expect(fetch(url)).rejects.toThrow()
  })

  it("waits for the set-up link, and gives the newest", async () => {
    const says = `process.stdout.write("Make the first account at http://127.0.0.1/setup/")
      setImmediate(() => process.stdout.write("of-" + process.pid + "\\n"))`
    const server = await QuireServer.start(script(LISTENS.replace("})\n", `${says}\n})\n`)))
    const pid = async (): Promise<string> => (await fetch(server.url)).text()
    expect(await server.setUpLink()).toBe(`http://127.0.0.1/setup/of-${await pid()}`)
    await server.stop()
    await expect(server.setUpLink()).resolves.toMatch(/of-\d+$/) // what was printed stays known
    await server.start()
    await expect.poll(() => server.setUpLink()).toBe(`http://127.0.0.1/setup/of-${await pid()}`)
    await server.dispose()
  })

  it("says what the command said when it ends before it listens", async () => {
    const started = QuireServer.start(script(`process.stderr.write("no room left"); process.exitCode = 3`))
    await expect(started).rejects.toMatchObject({
      code: "QUIRE_SERVER_NOT_STARTED",
      message: "the server ended with 3 before it listened; it said: no room left",
    })
  })
})

describe("GivenServer", () => {
  it("has the address that was given, and cannot be ended", async () => {
    const server = new GivenServer("ws://127.0.0.1:1234/rooms/")
    expect(server.syncUrl).toBe("ws://127.0.0.1:1234/rooms")
    expect(server.url).toBe("http://127.0.0.1:1234")
    await expect(server.kill()).rejects.toMatchObject({ code: "QUIRE_SERVER_NOT_OURS" })
    expect(() => new GivenServer("http://127.0.0.1")).toThrow(TypeError)
  })
})
