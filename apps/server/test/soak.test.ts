import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { temporaryFolder } from "./harness.js"

/** `npm run soak` in short: its slope would be noise after so few visits, what is left behind is not. */

const SOAK = fileURLToPath(new URL("../../../scripts/soak.mjs", import.meta.url))
const VISITS = 500

/** What the server is asked before, and after everybody has gone. */
interface Look {
  /** Objects of a class that come and go with people. */
  readonly objects: Readonly<Record<string, number>>
  /** What keeps the process alive, by Node's names. */
  readonly resources: Readonly<Record<string, number>>
}

it("nothing of people who came, typed, misbehaved and left stays behind in the server", async () => {
  const json = join(await temporaryFolder(), "soak.json")
  const env = { ...process.env, QUIRE_BUILT: "1" }
  // What it says is printed whether it succeeds or not.
  const soak = promisify(execFile)(process.execPath, [SOAK, "--visits", String(VISITS), "--json", json], { env })
  const { stdout } = await soak.catch((error: { stdout: string }) => error)
  process.stdout.write(stdout)
  const told = JSON.parse(await readFile(json, "utf8")) as {
    readonly after: Look
    readonly visits: number
    readonly kinds: Readonly<Record<string, number>>
    readonly problems: readonly string[]
  }
  expect(told.problems).toEqual([])
  const { DocumentState: _, ...objects } = told.after.objects
  expect(objects).toEqual({
    Connection: 0,
    FanOut: 0,
    PresenceTable: 0,
    Room: 0,
    Session: 0,
    SocketLink: 0,
    WebSocket: 0,
  })
  expect(told.visits).toBeGreaterThanOrEqual(VISITS)
  // Each way of visiting was gone, so that each is known to leave nothing.
  expect(Object.keys(told.kinds).sort()).toEqual(["cutOff", "library", "native", "noSuchName", "nonsense", "plain"])
})
