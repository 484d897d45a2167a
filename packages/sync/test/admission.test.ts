import type { Clock } from "@quire/base"
import { FakeClock, SeededRandom } from "@quire/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Admission, type AdmissionLimits, type Admitted } from "../src/index.js"

const LIMITS: AdmissionLimits = { perSecond: 100, burst: 50, queued: 200 }

/** An admission with everybody who asked it, and what they were told and when. */
class Crowd {
  readonly clock = new FakeClock()
  /** How late the process is: time has passed that no timer has noticed. */
  lateMs = 0
  readonly admission: Admission
  readonly told: { readonly address: string; readonly admitted: Admitted; readonly atMs: number }[] = []

  constructor(limits: AdmissionLimits = LIMITS) {
    const clock: Clock = {
      now: () => this.clock.now(),
      elapsed: () => this.clock.elapsed() + this.lateMs,
      schedule: (delayMs, run) => this.clock.schedule(delayMs, run),
    }
    this.admission = new Admission({ clock, random: new SeededRandom(1) }, limits)
  }

  ask(count: number, address = "10.0.0.1"): (() => void)[] {
    return Array.from({ length: count }, () =>
      this.admission.ask(address, (admitted) => {
        this.told.push({ address, admitted, atMs: this.clock.elapsed() })
      }),
    )
  }

  admitted(address?: string): number {
    return this.told.filter((one) => one.admitted.ok && (address ?? one.address) === one.address).length
  }

  get hints(): number[] {
    return this.told.flatMap(({ admitted }) => (admitted.ok ? [] : [admitted.retryMs]))
  }
}

describe("admission", () => {
  it("[O4] lets everybody in at once while there is no crowd", () => {
    const crowd = new Crowd()
    for (let second = 0; second < 10; second++) {
      crowd.ask(40)
      crowd.clock.advance(1_000)
    }
    expect(crowd.told.map(({ atMs }) => atMs % 1_000)).toEqual(Array.from({ length: 400 }, () => 0))
    expect(crowd.admitted()).toBe(400)
    expect(crowd.clock.pending).toBe(0)
  })

  it("[O4] lets a crowd in at its rate, in the order in which they came", () => {
    const crowd = new Crowd()
    crowd.ask(250)
    expect(crowd.admitted()).toBe(50)
    crowd.clock.advance(1_000)
    expect(crowd.admitted()).toBeGreaterThanOrEqual(145)
    expect(crowd.admitted()).toBeLessThanOrEqual(150)
    crowd.clock.advance(2_000)
    expect(crowd.admitted()).toBe(250)
    expect(crowd.admission.waiting).toBe(0)
    expect(crowd.clock.pending).toBe(0)
  })

  it("[O4] is never faster than its rate, whoever comes when", () => {
    const visits = fc.array(fc.record({ count: fc.nat(300), pauseMs: fc.nat(1_500), address: fc.nat(3) }))
    fc.assert(
      fc.property(visits, (script) => {
        const crowd = new Crowd()
        for (const { count, pauseMs, address } of script) {
          crowd.ask(count, `10.0.0.${address}`)
          expect(crowd.admission.waiting).toBeLessThanOrEqual(LIMITS.queued)
          crowd.clock.advance(pauseMs)
        }
        const arrivals = crowd.told.filter(({ admitted }) => admitted.ok).map(({ atMs }) => atMs)
        for (const [i, from] of arrivals.entries()) {
          const until = arrivals[i + LIMITS.burst + LIMITS.perSecond]
          // In any second: what the bucket held, and what flowed into it.
          if (until !== undefined) expect(until - from).toBeGreaterThanOrEqual(999)
        }
        crowd.clock.advance(10_000)
        const asked = script.reduce((sum, { count }) => sum + count, 0)
        expect(crowd.told.length).toBe(asked)
      }),
    )
  })

  it("[O4] catches up gently when the process was late", () => {
    const crowd = new Crowd({ perSecond: 100, burst: 100, queued: 1_000 })
    crowd.ask(600)
    let last = 100
    for (let turn = 0; turn < 200; turn++) {
      if (turn % 10 === 0) crowd.lateMs += 500
      crowd.clock.advance(20)
      expect(crowd.admitted() - last).toBeLessThanOrEqual(4)
      last = crowd.admitted()
    }
  })

  it("[O4] tells whoever finds the queue full to come back, everybody at another time", () => {
    const crowd = new Crowd()
    crowd.ask(250)
    crowd.ask(1_000)
    expect(crowd.hints.length).toBe(1_000)
    // The queue is two seconds long; those sent away follow it at the rate, a thousand in ten seconds.
    expect(Math.min(...crowd.hints)).toBeGreaterThanOrEqual(3_000)
    expect(Math.max(...crowd.hints)).toBeLessThanOrEqual(14_000)
    expect(new Set(crowd.hints).size).toBeGreaterThan(900)
    for (let second = 3; second < 13; second++) {
      const back = crowd.hints.filter((hint) => hint >= second * 1_000 && hint < second * 1_000 + 1_000)
      expect(back.length).toBeLessThanOrEqual(1.5 * LIMITS.perSecond)
    }
  })

  it("[O4] asks nobody to stay away longer than half a minute or so, however many come", () => {
    const crowd = new Crowd()
    crowd.ask(20_000)
    expect(Math.max(...crowd.hints)).toBeLessThanOrEqual(32_000)
  })

  it("[O4] lets addresses take turns, so that a flood from one delays only itself", () => {
    const crowd = new Crowd()
    crowd.ask(5_000, "10.0.0.66")
    crowd.ask(20, "10.0.0.7")
    crowd.clock.advance(500)
    expect(crowd.admitted("10.0.0.7")).toBe(20)
    expect(crowd.hints.length).toBe(5_000 - 250 + 20)
  })

  it("[O4] gives no place to whoever has gone", () => {
    const crowd = new Crowd()
    const leave = crowd.ask(250)
    for (const go of leave.slice(50, 240)) go()
    expect(crowd.admission.waiting).toBe(10)
    crowd.clock.advance(120)
    expect(crowd.admitted()).toBe(60)
    expect(crowd.told.length).toBe(60)
  })

  it("[O4] sends everybody away who waits when it closes", () => {
    const crowd = new Crowd()
    crowd.ask(60)
    crowd.admission.close()
    expect(crowd.hints.length).toBe(10)
    expect(crowd.clock.pending).toBe(0)
  })
})
