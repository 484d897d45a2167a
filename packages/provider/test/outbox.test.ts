import fc from "fast-check"
import { expect, it } from "vitest"
import {
  acknowledge,
  addEdit,
  addFromDevice,
  addInherited,
  awaitedSince,
  countEdits,
  countFromDevice,
  disconnect,
  EMPTY_OUTBOX,
  type Outbox,
  sendNew,
  sendWhole,
  settleInherited,
} from "../src/outbox.js"

it("settles what the acknowledged messages carried, and nothing made later", () => {
  let outbox = sendWhole(addEdit(addEdit(EMPTY_OUTBOX, 1), 2), 3)
  outbox = sendNew(addEdit(outbox, 4), 5)
  outbox = addEdit(outbox, 6)
  expect(countEdits(outbox)).toBe(4)
  expect(countEdits(acknowledge(outbox, 1))).toBe(2)
  expect(countEdits(acknowledge(outbox, 2))).toBe(1)
  expect(awaitedSince(acknowledge(outbox, 1))).toBe(5)
  expect(awaitedSince(acknowledge(outbox, 2))).toBeUndefined()
})

it("takes everything for unsent after a loss, and numbers messages from 1 again", () => {
  const outbox = disconnect(sendNew(addEdit(sendNew(addEdit(EMPTY_OUTBOX, 0), 1), 2), 3))
  expect(acknowledge(outbox, 2)).toBe(outbox)
  const again = sendWhole(outbox, 9)
  expect(again.sentThrough).toBe(1)
  expect(acknowledge(again, 1).entries).toEqual([])
})

it("keeps inherited content apart from edits, so that it can settle by itself", () => {
  const outbox = addEdit(addInherited(EMPTY_OUTBOX, 0), 1)
  expect(countEdits(outbox)).toBe(2)
  expect(countEdits(settleInherited(outbox))).toBe(1)
})

it("counts the edits that waited in the device's copy as many as they are", () => {
  const outbox = addEdit(addFromDevice(EMPTY_OUTBOX, 0, 3), 1)
  expect([countEdits(outbox), countFromDevice(outbox)]).toEqual([4, 3])
  expect(countFromDevice(acknowledge(sendWhole(outbox, 2), 1))).toBe(0)
})

it("agrees with a list of edits that each remember the last message that carried them", () => {
  const steps = fc.constantFrom("edit", "new", "whole", "disconnect", "acknowledge")
  fc.assert(
    fc.property(fc.array(fc.tuple(steps, fc.nat(5)), { maxLength: 60, size: "max" }), (script) => {
      let outbox: Outbox = EMPTY_OUTBOX
      let model: (number | undefined)[] = []
      let sent = 0
      for (const [step, back] of script) {
        if (step === "edit") {
          outbox = addEdit(outbox, 0)
          model.push(undefined)
        } else if (step === "new" || step === "whole") {
          sent++
          outbox = step === "new" ? sendNew(outbox, 0) : sendWhole(outbox, 0)
          model = model.map((number) => (step === "new" ? (number ?? sent) : sent))
        } else if (step === "disconnect") {
          sent = 0
          outbox = disconnect(outbox)
          model = model.map(() => undefined)
        } else {
          const through = Math.max(0, sent - back)
          outbox = acknowledge(outbox, through)
          model = model.filter((number) => number === undefined || number > through)
        }
        expect(countEdits(outbox)).toBe(model.length)
        expect(outbox.sentThrough).toBe(sent)
        const ids = outbox.entries.map((entry) => entry.id)
        expect(ids).toEqual([...ids].sort((a, b) => a - b))
      }
    }),
  )
})
