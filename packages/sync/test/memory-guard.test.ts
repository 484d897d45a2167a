import type { DocumentId } from "@quire/base"
import { FakeClock } from "@quire/testing"
import { expect, it } from "vitest"
import { MemoryGuard, type MemoryPressure } from "../src/index.js"
import { HeldLog, World } from "./world.js"

const LIMITS = { residentBytes: 1_000, heapBytes: 400, saveShare: 0.7, refuseShare: 0.85 }

/** A guard whose readings the test sets. */
function guarded() {
  const clock = new FakeClock()
  const use = { residentBytes: 0, heapBytes: 0 }
  const changes: MemoryPressure[] = []
  const count = { reliefs: 0 }
  const guard = new MemoryGuard(
    {
      clock,
      read: () => use,
      relieve: () => void count.reliefs++,
      changed: (pressure) => void changes.push(pressure),
    },
    LIMITS,
  )
  const at = (residentBytes: number, heapBytes = 0): MemoryPressure => {
    Object.assign(use, { residentBytes, heapBytes })
    clock.advance(1_000)
    return guard.pressure
  }
  return { guard, clock, changes, count, at }
}

it("[O5] saves from its first threshold on and refuses from its second, by memory and by heap", () => {
  const { at, changes } = guarded()
  expect(at(699, 279)).toBe("none")
  expect(at(700)).toBe("saving")
  expect(at(849)).toBe("saving")
  expect(at(850)).toBe("refusing")
  expect(at(5_000)).toBe("refusing")
  expect(at(100, 280)).toBe("saving")
  expect(at(100, 340)).toBe("refusing")
  expect(at(100, 100)).toBe("none")
  expect(changes).toEqual(["saving", "refusing", "saving", "refusing", "none"])
})

it("[O5] lets go of what nobody uses as long as memory is short, and not otherwise", () => {
  const { at, count } = guarded()
  at(500)
  expect(count.reliefs).toBe(0)
  at(800)
  at(900)
  at(900)
  expect(count.reliefs).toBe(3)
  at(500)
  expect(count.reliefs).toBe(3)
})

it("[O5] looks no more once it is closed", () => {
  const { guard, clock } = guarded()
  guard.close()
  expect(clock.pending).toBe(0)
})

it("[O5] evicts idle rooms at once, and neither rooms with people nor rooms with unsaved edits", async () => {
  const log = new HeldLog()
  const world = new World(log)
  const [idle, lived, unsaved] = ["idle", "lived-in", "unsaved"].map((name) => name as DocumentId)
  for (const document of [idle, lived]) {
    const peer = await world.peer({ document: document as DocumentId })
    peer.type("kept")
    await world.commit()
    if (document === idle) peer.cut()
  }
  const writer = await world.peer({ document: unsaved as DocumentId })
  writer.type("not yet")
  await world.quiet()
  writer.cut()
  world.rooms.relieve()
  expect(world.rooms.isOpen(idle as DocumentId)).toBe(false)
  expect(world.rooms.isOpen(lived as DocumentId)).toBe(true)
  expect(world.rooms.isOpen(unsaved as DocumentId)).toBe(true)
  expect((await world.peer({ document: idle as DocumentId })).text()).toBe("kept")
  expect((await world.peer({ document: lived as DocumentId })).text()).toBe("kept")
  expect((await world.peer({ document: unsaved as DocumentId })).text()).toBe("not yet")
})
