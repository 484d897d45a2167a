import { expect, it, vi } from "vitest"
import { describeRuns, explain, LEAST_STRIKES, runAll } from "./many.js"
import { runSeed } from "./run.js"

// The storage package writes to the double of the disk.
vi.mock("node:fs/promises", () => import("./memory-files.js"))

/** As many as take less than a minute where the tests run; `npm run sim:long` has the rest. */
const SEEDS = 400

const PATIENCE_MS = 600_000

it("does the same twice with one seed", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { digest, fault } = await runSeed(seed)
    expect(fault).toBeUndefined()
    expect((await runSeed(seed)).digest).toBe(digest)
  }
}, 60_000)

it("does something else with another seed, and with a command left out", async () => {
  const { digest } = await runSeed(1)
  expect((await runSeed(2)).digest).not.toBe(digest)
  expect((await runSeed(1, 150, new Set([0, 1, 2, 3, 4]))).digest).not.toBe(digest)
}, 60_000)

it(
  "keeps every promise whatever fails, and everything fails often enough to prove it",
  async () => {
    const result = await runAll(1, SEEDS)
    process.stdout.write(`${describeRuns(result)}\n`)
    if (result.failed !== undefined) await explain(result.failed, (line) => process.stdout.write(`${line}\n`))
    expect(result.failed?.fault).toBeUndefined()
    expect(result.faults.rarerThan(LEAST_STRIKES)).toEqual([])
  },
  PATIENCE_MS,
)
