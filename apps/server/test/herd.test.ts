import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

/**
 * A crowd of light clients in a process of its own loses its server twice, to `kill -9` and to SIGTERM while people
 * type, and comes back by the provider's own rule. `npm run herd:long` does the same with 10,000.
 */

const HERD = fileURLToPath(new URL("../../../bench/herd/run.mjs", import.meta.url))
const CLIENTS = 3_000
const DOCUMENTS = 100

/** What the herd says of one return, as far as it is a promise. */
interface Return {
  readonly droppedAgain: number
  readonly loads: { readonly total: number; readonly most: number }
}

it("a herd of 3,000 comes back after a crash and after a restart: all in sync, nobody twice, each document read once", async () => {
  const args = [HERD, "--clients", String(CLIENTS), "--documents", String(DOCUMENTS)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1_048_576 }).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => {
      process.stdout.write(failed.stderr)
      return failed // what is broken is in what it said
    },
  )
  process.stdout.write(`herd: ${stdout}`)
  const figures = JSON.parse(stdout) as {
    readonly broken: readonly string[]
    readonly afterKill: Return
    readonly afterStop: Return
  } // run.mjs prints one object
  expect(figures.broken).toEqual([])
  for (const { droppedAgain, loads } of [figures.afterKill, figures.afterStop]) {
    expect(droppedAgain).toBe(0)
    expect(loads).toEqual({ total: DOCUMENTS, most: 1 })
  }
}, 600_000)
