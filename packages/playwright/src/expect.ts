import { expect as baseExpect, type Expect, type ExpectMatcherState, type MatcherReturnType } from "@playwright/test"
import type { Clock } from "@quire/base"
import type { Person } from "./person.js"
import { systemClock } from "./system-clock.js"
import { describeViews, isConverged, type View } from "./views.js"

/** What `toConverge` may be told. */
export interface ConvergeOptions {
  /** How long to wait, in milliseconds; Playwright's `expect.timeout` if left out. */
  readonly timeout?: number
}

/** Waits between two looks, in milliseconds; the last one repeats. */
const LOOKS_MS = [50, 100, 250] as const

/** Time that a look has at least, in milliseconds: the last one too has to tell what people see. */
const LOOK_MS = 2_000

/**
 * Waits until everybody sees the same text. With `.not`: until they see different ones.
 *
 * @param expected what the common text must be, or match.
 */
export type ToConverge = (
  this: ExpectMatcherState,
  people: readonly Person[],
  expected?: string | RegExp,
  options?: ConvergeOptions,
) => Promise<MatcherReturnType>

const toConverge: ToConverge = async function (people, expected, options = {}) {
  const timeoutMs = options.timeout ?? this.timeout
  const hasPassed = (views: readonly View[]): boolean => isConverged(views) && fits(views[0]?.text ?? "", expected)
  const views = await lookUntil(people, timeoutMs, systemClock, (seen) => hasPassed(seen) !== this.isNot)
  const pass = hasPassed(views)
  const message = (): string => {
    const wanted = expected === undefined ? "" : `\nThe common text was to be ${shown(expected)}.`
    const what = this.isNot ? "everybody still saw the same" : "people did not see what they should"
    const hint = this.utils.matcherHint("toConverge", "people", "", { isNot: this.isNot })
    return `${hint}\n\nAfter ${timeoutMs} ms ${what}:\n${describeViews(views)}${wanted}`
  }
  return { name: "toConverge", pass, message }
}

/** Playwright's `expect`, and `expect(people).toConverge()`. */
export const expect: Expect<{ readonly toConverge: ToConverge }> = baseExpect.extend({ toConverge })

/** Looks at all pages at once, again and again. @returns what was seen last. */
async function lookUntil(
  people: readonly Person[],
  timeoutMs: number,
  clock: Clock,
  isEnough: (views: readonly View[]) => boolean,
): Promise<readonly View[]> {
  if (people.length === 0) throw new TypeError("toConverge needs people: the list is empty")
  const endMs = clock.elapsed() + timeoutMs
  for (let look = 0; ; look++) {
    const leftMs = endMs - clock.elapsed()
    const views = await Promise.all(people.map((person) => view(person, Math.max(LOOK_MS, leftMs), clock)))
    if (isEnough(views) || clock.elapsed() >= endMs) return views
    await wait(LOOKS_MS[look] ?? LOOKS_MS[2], clock)
  }
}

async function view({ name, network, text }: Person, timeoutMs: number, clock: Clock): Promise<View> {
  const remark = network.state === "clear" ? undefined : `network ${network.state}`
  let giveUp: (() => void) | undefined
  const late = new Promise<undefined>((resolve) => {
    giveUp = clock.schedule(timeoutMs, () => resolve(undefined))
  })
  try {
    return { name, text: await Promise.race([text(), late]), remark }
  } catch (error) {
    // A page that is being loaded anew shows something a moment later; one that is gone is told of in the failure.
    const [reason] = String(error instanceof Error ? error.message : error).split("\n")
    return { name, text: undefined, remark: reason }
  } finally {
    giveUp?.()
  }
}

function wait(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve)
  })
}

function fits(text: string, expected: string | RegExp | undefined): boolean {
  if (expected === undefined) return true
  return typeof expected === "string" ? text === expected : text.search(expected) >= 0
}

function shown(expected: string | RegExp): string {
  return typeof expected === "string" ? JSON.stringify(expected) : String(expected)
}
