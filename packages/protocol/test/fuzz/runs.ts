import { writeFileSync } from "node:fs"
import { SeededRandom } from "@quire/testing"

/*
 * How many inputs each decoder gets. `npm test` takes the counts that the tests name; `npm run fuzz:long` sets FUZZ_RUNS
 * for all of them. FUZZ_SEED replays a run; without it every run is another.
 */

const runs = process.env.FUZZ_RUNS
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32))
/** Where the input under way is written before it is decoded, so that one that hangs or kills the process is known. */
const lastInput = process.env.FUZZ_LAST

/** How long a test may take: the long form decides by counts, not by time. */
export const PATIENCE_MS = 3_600_000

/** Outcomes by their name. */
export type Tally = Map<string, number>

/** Counts an outcome. */
export function count(tally: Tally, outcome: string): void {
  tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
}

/**
 * Feeds inputs to a check, and prints what came of them. A check that throws is told with its input.
 *
 * @param inTests how many inputs `npm test` takes.
 */
export async function fuzz(
  target: string,
  inTests: number,
  work: {
    /** Makes one input. */
    readonly input: (random: SeededRandom) => Uint8Array
    /** Decodes it, checks what must hold, and names the outcome. */
    readonly check: (input: Uint8Array) => string | Promise<string>
  },
): Promise<Tally> {
  const random = new SeededRandom(seed)
  const tally: Tally = new Map()
  const total = runs === undefined ? inTests : Number(runs)
  for (let i = 0; i < total; i++) {
    const input = work.input(random)
    const hex = (): string => Buffer.from(input).toString("hex")
    if (lastInput !== undefined) writeFileSync(lastInput, `${target} FUZZ_SEED=${seed} input ${i}: ${hex()}\n`)
    try {
      count(tally, await work.check(input))
    } catch (error) {
      throw new Error(`${target}: input ${i} of FUZZ_SEED=${seed} is ${hex()}`, { cause: error })
    }
  }
  const outcomes = [...tally].sort((a, b) => b[1] - a[1]).map(([name, times]) => `${name} ${times}`)
  process.stdout.write(`fuzz ${target}: ${total} inputs, FUZZ_SEED=${seed}: ${outcomes.join(", ")}\n`)
  return tally
}
