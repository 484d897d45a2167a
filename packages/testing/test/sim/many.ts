import { FAULTS, Faults } from "./faults.js"
import { optionsOf, type RunOptions, STEPS } from "./options.js"
import { type RunResult, run, runSeed } from "./run.js"
import regress from "./seeds/regress.json" with { type: "json" }

/** A fault that strikes less often than this in many runs is no fault at all. */
export const LEAST_STRIKES = 10

/** What many runs came to. */
export interface ManyResult {
  readonly runs: number
  readonly steps: number
  readonly events: number
  readonly virtualMs: number
  readonly acknowledged: number
  readonly faults: Faults
  /** The first run that broke a promise. */
  readonly failed: RunResult | undefined
}

/** A seed that once failed, kept for ever and replayed first. */
export interface Regression {
  readonly seed: number
  readonly steps: number
  /** What it was. */
  readonly about: string
}

/** The seeds that once failed. */
export const REGRESSIONS: readonly Regression[] = regress

/**
 * Runs the regressions, then seeds in a row, until one fails.
 *
 * @param passed told after each seed.
 */
export async function runAll(
  from: number,
  count: number,
  passed: (seed: number) => void = () => undefined,
): Promise<ManyResult> {
  const faults = new Faults()
  let [runs, steps, events, virtualMs, acknowledged] = [0, 0, 0, 0, 0]
  let failed: RunResult | undefined
  const one = async (seed: number, length: number): Promise<void> => {
    const result = await runSeed(seed, length)
    faults.add(result.faults)
    runs++
    steps += length
    events += result.events
    virtualMs += result.virtualMs
    acknowledged += result.acknowledged
    if (result.fault !== undefined) failed = result
  }
  for (const { seed, steps: length } of REGRESSIONS) if (failed === undefined) await one(seed, length)
  for (let seed = from; seed < from + count && failed === undefined; seed++) {
    await one(seed, STEPS)
    passed(seed)
  }
  return { runs, steps, events, virtualMs, acknowledged, faults, failed }
}

/** The figures as text. */
export function describeRuns({ runs, steps, events, virtualMs, acknowledged, faults }: ManyResult): string {
  const hours = (virtualMs / 3_600_000).toFixed(1)
  const counts = FAULTS.map((fault) => `${fault} ${faults.counts.get(fault)}`).join("; ")
  return `${runs} seeds, ${steps} steps, ${events} events, ${hours} virtual hours, ${acknowledged} tokens acknowledged\n${counts}`
}

/** For the command line: the runs, their figures, and what failed made smaller. */
export async function runMany(how: {
  readonly from: number
  readonly count: number
  readonly print: (line: string) => void
}): Promise<boolean> {
  const result = await runAll(how.from, how.count, (seed) => {
    if (seed % 1_000 === 0) how.print(`seed ${seed}`)
  })
  how.print(describeRuns(result))
  if (result.failed !== undefined) {
    await explain(result.failed, how.print)
    return false
  }
  const rare = result.faults.rarerThan(LEAST_STRIKES)
  if (rare.length > 0)
    how.print(`struck less than ${LEAST_STRIKES} times, so the run proves nothing: ${rare.join(", ")}`)
  return rare.length === 0
}

/** One seed once more, with its trace. */
export async function replay(how: {
  readonly seed: number
  readonly steps: number | undefined
  readonly skip: ReadonlySet<number>
  readonly print: (line: string) => void
}): Promise<boolean> {
  const result = await run(optionsOf(how.seed, how.steps, how.skip), true)
  tell(result, how.print)
  return result.fault === undefined
}

/** The first of so many seeds that breaks a promise. */
export async function firstFault(count: number): Promise<{ seed: number; fault: string } | undefined> {
  for (let seed = 1; seed <= count; seed++) {
    const { fault } = await runSeed(seed)
    if (fault !== undefined) return { seed, fault }
  }
  return undefined
}

/** Finds a shorter run of the same seed that fails too, and tells it. */
export async function explain(failed: RunResult, print: (line: string) => void): Promise<void> {
  tell(failed, print)
  const smaller = await shrink(failed.options)
  const skip = [...smaller.skip].join()
  print(`smaller: SEED=${smaller.seed} STEPS=${smaller.steps}${skip === "" ? "" : ` SKIP=${skip}`} npm run sim`)
}

/** Fewer steps, then fewer commands among them. */
async function shrink(options: RunOptions): Promise<RunOptions> {
  let best = options
  const fails = async (steps: number, skip: ReadonlySet<number>): Promise<boolean> => {
    const result = await runSeed(options.seed, steps, skip)
    if (result.fault !== undefined) best = result.options
    return result.fault !== undefined
  }
  for (let cut = best.steps >> 1; cut > 0; cut >>= 1) {
    while (best.steps > cut && (await fails(best.steps - cut, best.skip))) {
      // `fails` has kept the shorter run.
    }
  }
  for (let size = best.steps >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.steps; at += size) {
      const more = Array.from({ length: Math.min(size, best.steps - at) }, (_, i) => at + i)
      if (more.some((step) => !best.skip.has(step))) await fails(best.steps, new Set([...best.skip, ...more]))
    }
  }
  return best
}

function tell(result: RunResult, print: (line: string) => void): void {
  const { options, fault, digest, trace } = result
  for (const line of trace) print(`  ${line}`)
  print(JSON.stringify({ ...options, skip: [...options.skip] }))
  print(`digest ${digest}`)
  print(fault === undefined ? "all promises kept" : `SEED=${options.seed} STEPS=${options.steps}: ${fault}`)
}
