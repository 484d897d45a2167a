import { FakeClock } from "@quire/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { DrawnWords, SETTLE_MS } from "../../src/document/drawn-words.js"
import type { SaveWords } from "../../src/document/save-words.js"

function wordsFor(state: SaveWords["state"], label: string = state): SaveWords {
  return { state, label, aside: undefined, spoken: label }
}

/** What is true, what the light says of it, and how often it was told to change. */
class Light {
  readonly clock = new FakeClock()
  readonly words: DrawnWords
  readonly close: () => void
  changes = 0
  #truth = wordsFor("saved")
  #listener: (() => void) | undefined

  constructor() {
    this.words = new DrawnWords({
      read: () => ({ ...this.#truth }),
      subscribe: (listener) => {
        this.#listener = listener
        return () => {
          this.#listener = undefined
        }
      },
      clock: this.clock,
    })
    this.close = this.words.subscribe(() => this.changes++)
  }

  get state(): string {
    return this.words.get().state
  }

  get hears(): boolean {
    return this.#listener !== undefined
  }

  become(state: SaveWords["state"], label?: string): void {
    this.#truth = wordsFor(state, label)
    this.#listener?.()
  }
}

describe("the words of the save light", () => {
  it("take Saved back at once, and say it again when it has lasted", () => {
    const light = new Light()
    light.become("saving")
    expect(light.state).toBe("saving")
    light.become("saved")
    light.clock.advance(SETTLE_MS - 1)
    expect(light.state).toBe("saving")
    light.clock.advance(1)
    expect([light.state, light.changes, light.clock.pending]).toEqual(["saved", 2, 0])
  })

  it("change once for a run of keys, and once when it is over", () => {
    const light = new Light()
    for (let key = 0; key < 20; key++) {
      light.become("saving")
      light.clock.advance(10)
      light.become("saved")
      light.clock.advance(SETTLE_MS / 2)
    }
    expect([light.state, light.changes]).toEqual(["saving", 1])
    light.clock.advance(SETTLE_MS)
    expect([light.state, light.changes, light.clock.pending]).toEqual(["saved", 2, 0])
  })

  it.each(["on-device", "not-saved", "unknown"] as const)("say at once what is %s, and what follows it", (state) => {
    const light = new Light()
    light.become("saving")
    light.become("saved")
    light.become(state)
    expect(light.state).toBe(state)
    light.become("saved")
    expect(light.state).toBe("saved")
  })

  it("are the same object until something in them changes", () => {
    const light = new Light()
    const before = light.words.get()
    light.become("saved")
    expect(light.words.get()).toBe(before)
    light.become("saved", "other words")
    expect(light.words.get()).not.toBe(before)
  })

  it("are what is true while nobody listens, and leave no timer behind", () => {
    const light = new Light()
    light.become("saving")
    light.become("saved")
    light.close()
    expect([light.state, light.hears, light.clock.pending]).toEqual(["saved", false, 0])
  })

  it("never say Saved while it is not so", () => {
    const moments = fc.array(
      fc.record({
        state: fc.constantFrom("saved", "saving", "on-device", "not-saved"),
        thenMs: fc.integer({ min: 0, max: 2 * SETTLE_MS }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(moments, (list) => {
        const light = new Light()
        for (const { state, thenMs } of list) {
          light.become(state)
          if (state !== "saved") expect(light.state).toBe(state)
          light.clock.advance(thenMs)
          if (state !== "saved") expect(light.state).toBe(state)
          else if (thenMs >= SETTLE_MS) expect(light.state).toBe("saved")
        }
      }),
    )
  })
})
