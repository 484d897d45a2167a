import { SeededRandom } from "@quire/testing"
import { COMMANDS, type Command } from "./commands.js"
import { mix } from "./timeline.js"

/** Everything a run is made of, drawn from its seed. */
export interface RunOptions {
  readonly seed: number
  /** Commands before the world is healed. */
  readonly steps: number
  /** Commands left out, by number: for making a failure smaller. */
  readonly skip: ReadonlySet<number>
  /** What kind of document it is: on a page plain clients only read. */
  readonly kind: "page" | "plain"
  readonly natives: number
  readonly plains: number
  /** Natives with a store on their device. */
  readonly withDevice: number
  /** Mean time on the line. */
  readonly latencyMs: number
  /** Mean time between two commands. */
  readonly paceMs: number
  /** Commands and how often each is drawn; 0: never in this run. */
  readonly weights: readonly (readonly [command: Command, weight: number])[]
  readonly compaction: { readonly tailBytes: number; readonly tailRecords: number; readonly retainedBytes: number }
  /** Differences from the rooms' limits: small ones make rare roads common. */
  readonly limits: Readonly<Record<string, number>>
}

/** Commands of a run, unless told otherwise. */
export const STEPS = 150

const SMALL_LIMITS = {
  recentBytes: 2_000,
  quietBytes: 100,
  behindBytes: 300,
  dropBytes: 600,
  dropMs: 10_000,
  unsavedBytes: 2_000,
  differenceBytes: 500,
}

/** The options of a seed. Half of the commands are left out of each run, so that each meets different company. */
export function optionsOf(seed: number, steps = STEPS, skip: ReadonlySet<number> = new Set()): RunOptions {
  const random = new SeededRandom(mix(seed, 0x0b7105))
  const kind = random.fraction() < 0.6 ? "page" : "plain"
  const natives = 2 + random.below(random.fraction() < 0.2 ? 7 : 3)
  return {
    seed,
    steps,
    skip,
    kind,
    natives,
    plains: random.below(3),
    withDevice: random.below(natives + 1),
    latencyMs: random.pick([1, 5, 30, 200]),
    paceMs: random.pick([40, 150, 500, 1_500]),
    weights: COMMANDS.map(({ name, weight, isFault }) => [name, isFault && random.fraction() < 0.45 ? 0 : weight]),
    compaction: random.pick([
      { tailBytes: 600, tailRecords: 12, retainedBytes: 300 },
      { tailBytes: 2_000, tailRecords: 40, retainedBytes: 0 },
      { tailBytes: 65_536, tailRecords: 2_000, retainedBytes: 65_536 },
    ]),
    limits: random.fraction() < 0.5 ? SMALL_LIMITS : {},
  }
}
