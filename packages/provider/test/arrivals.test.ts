import type { Clock } from "@quire/base"
import { FakeClock, settle } from "@quire/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"
import { REST_MAX_MS } from "../src/arrivals.js"
import type { ProviderOptions } from "../src/index.js"
import { createCopy } from "./fake-copy.js"
import { ack, createWorld, EPOCH, type FakeSocket, NOTHING, seq, type World } from "./fake-network.js"

/** A page that takes a while to show what others wrote: its clock goes on without a timer being run. */
class SlowPage {
  readonly timers = new FakeClock()
  readonly world: World
  /** How long each change of somebody else takes. */
  costMs: number
  /** The lengths of the texts that were shown. */
  readonly shown: number[] = []
  #spentMs = 0

  constructor(costMs: number, options: Pick<ProviderOptions, "environment" | "deviceCopy"> = {}) {
    this.costMs = costMs
    const clock: Clock = {
      now: () => this.timers.now() + this.#spentMs,
      elapsed: () => this.timers.elapsed() + this.#spentMs,
      schedule: (delayMs, run) => this.timers.schedule(delayMs, run),
    }
    const ydoc = new Y.Doc()
    this.world = createWorld({ clock, ydoc, ...options })
    ydoc.on("afterTransaction", ({ local }: Y.Transaction) => {
      if (local) return
      this.shown.push(this.world.text().length)
      this.#spentMs += this.costMs
    })
    this.world.provider.open()
  }

  /** In sync with an empty room, and rested. */
  join(): FakeSocket {
    const socket = this.world.join()
    this.timers.advance(1_000)
    this.shown.length = 0
    return socket
  }
}

/** The updates of somebody else who types these letters. */
function keysOf(letters: string): readonly Uint8Array[] {
  const ydoc = new Y.Doc()
  const updates: Uint8Array[] = []
  ydoc.on("update", (update: Uint8Array) => updates.push(update))
  const text = ydoc.getText("body")
  for (const letter of letters) text.insert(text.length, letter)
  return updates
}

function say(socket: FakeSocket, updates: readonly Uint8Array[]): void {
  for (const update of updates) socket.say({ type: "update", update })
}

describe("edits of others", () => {
  it("are taken in one by one where the page is quick", () => {
    const page = new SlowPage(0)
    say(page.join(), keysOf("abc"))
    expect(page.shown).toEqual([1, 2, 3])
  })

  it("are taken in at once, and what comes while a slow page rests, together and once", () => {
    const page = new SlowPage(5)
    say(page.join(), keysOf("abcdef"))
    expect(page.shown).toEqual([1])
    page.timers.advance(REST_MAX_MS)
    expect(page.shown).toEqual([1, 6])
    expect(page.world.text()).toBe("abcdef")
  })

  it("are waited for no longer than 100 ms, however slow the page is", () => {
    const page = new SlowPage(5_000)
    say(page.join(), keysOf("ab"))
    page.timers.advance(REST_MAX_MS - 1)
    expect(page.shown).toEqual([1])
    page.timers.advance(1)
    expect(page.shown).toEqual([1, 2])
  })

  it("do not wait in a page that nobody sees", () => {
    const page = new SlowPage(5, {
      environment: { isOnline: () => true, isHidden: () => true, subscribe: () => () => undefined },
    })
    say(page.join(), keysOf("abc"))
    expect(page.shown).toEqual([1, 2, 3])
  })

  it("do not wait while the document is being opened", () => {
    const page = new SlowPage(5)
    const socket = page.world.socket()
    socket.accept()
    const [a = NOTHING, b = NOTHING] = keysOf("ab")
    socket.say(
      { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false },
      { type: "update", update: a },
      { type: "step2", update: b },
    )
    expect(page.shown).toEqual([1, 2])
  })

  it("are taken in before the line to them is lost, and when the page is left", () => {
    for (const leave of [
      (page: SlowPage) => page.world.socket().hangUp(),
      (page: SlowPage) => page.world.provider.close(),
    ]) {
      const page = new SlowPage(5)
      say(page.join(), keysOf("abc"))
      leave(page)
      expect(page.shown).toEqual([1, 3])
      page.world.provider.close()
      expect(page.timers.pending).toBe(0)
    }
  })

  it("are on the device when the page is left, also those that were waiting", async () => {
    const device = createCopy()
    const page = new SlowPage(5, { deviceCopy: device.copy })
    await settle()
    say(page.join(), keysOf("abc"))
    await device.finish()
    page.world.provider.close()
    while (device.underWay() > 0) await device.finish()
    expect(device.text()).toBe("abc")
  })

  it("are counted as received only once they are in the ydoc", () => {
    const page = new SlowPage(5)
    const socket = page.join()
    const [a = NOTHING, b = NOTHING] = keysOf("ab")
    socket.say({ type: "update", update: a }, { type: "durable", sequence: seq(7), checksum: 1, head: seq(8) })
    socket.say({ type: "update", update: b }, { type: "durable", sequence: seq(8), checksum: 2, head: seq(8) })
    const resume = (): unknown => {
      page.world.socket().hangUp()
      page.timers.advance(2_000)
      page.world.socket().accept()
      return page.world
        .socket()
        .take()
        .find(({ type }) => type === "hello")
    }
    expect(page.shown).toEqual([1])
    expect(resume()).toMatchObject({ resume: { sequence: 8 } })
    expect(page.world.text()).toBe("ab")
  })

  it("give the connection up when one of them cannot be read, and take in nothing after it", () => {
    const page = new SlowPage(5)
    const socket = page.join()
    const [a = NOTHING] = keysOf("a")
    const person = new Awareness(new Y.Doc())
    say(socket, [a])
    socket.say({ type: "update", update: Uint8Array.of(1, 1, 200, 200) })
    socket.say({ type: "presence", entries: encodeAwarenessUpdate(person, [person.clientID]) }, ack(99))
    page.timers.advance(REST_MAX_MS)
    expect(page.world.provider.getStatus().connection.kind).toBe("waiting")
    expect(page.world.provider.getStatus().notices.map(({ code }) => code)).toEqual(["frame-unreadable"])
    person.destroy()
  })

  it("do not hold back what the person writes, whose receipt waits with them", () => {
    const page = new SlowPage(5)
    const socket = page.join()
    const { world } = page
    say(socket, keysOf("ab"))
    socket.take()
    world.ydoc.getText("title").insert(0, "x")
    page.timers.advance(0)
    expect(socket.takeContent()).toHaveLength(1)
    socket.say(ack(2))
    expect(world.provider.getStatus().save.kind).toBe("saving")
    page.timers.advance(REST_MAX_MS)
    expect(world.provider.getStatus().save.kind).toBe("saved")
  })

  it("are the same text at any pace, with ours between them", () => {
    const scripts = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant("theirs" as const), costMs: fc.integer({ min: 0, max: 30 }) }),
        fc.record({ kind: fc.constant("ours" as const) }),
        fc.record({ kind: fc.constant("time" as const), ms: fc.integer({ min: 0, max: 60 }) }),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(scripts, (script) => {
        const page = new SlowPage(0)
        const socket = page.join()
        const room = new Y.Doc()
        const news: Uint8Array[] = []
        room.on("update", (update: Uint8Array, origin: unknown) => origin !== "page" && news.push(update))
        for (const step of script) {
          if (step.kind === "time") page.timers.advance(step.ms)
          else if (step.kind === "ours") page.world.type("o")
          else {
            page.costMs = step.costMs
            room.getText("body").insert(0, "t")
            say(socket, news.splice(0))
          }
          for (const update of socket.takeContent()) Y.applyUpdate(room, update, "page")
        }
        page.timers.advance(REST_MAX_MS)
        for (const update of socket.takeContent()) Y.applyUpdate(room, update, "page")
        expect(page.world.text()).toBe(room.getText("body").toString())
        page.world.provider.close()
      }),
    )
  })
})
