import { readFile, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { FakeClock } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { BatchLedger, LEDGER_SLOTS, newestEntries, type OpenedLedger } from "../src/batch-ledger.js"
import { keyId } from "../src/keys.js"
import { name, seq, temporaryFolder } from "./world.js"

const SLOT_BYTES = 32

async function ledgerPath(): Promise<string> {
  return join(await temporaryFolder(), "ledger")
}

async function reopen(path: string): Promise<OpenedLedger> {
  return await BatchLedger.open(path, { clock: new FakeClock(), onTrouble: (reason) => expect.unreachable(reason) })
}

/** Write batches, each of the given size, numbered from `first`; closes the ledger. */
async function write(path: string, sizes: readonly number[], first: number): Promise<void> {
  const { ledger } = await reopen(path)
  sizes.forEach((size, i) => {
    const touched = Array.from({ length: size }, (_, n) => ({ id: keyId(name(`d${n}`)), sequence: seq(first + i) }))
    ledger.note(first + i, touched)
  })
  await ledger.close()
}

describe("BatchLedger", () => {
  it("remembers documents, their sequences and the last batch", async () => {
    const path = await ledgerPath()
    const { ledger, trouble } = await reopen(path)
    expect(trouble).toBe("missing")
    const [a, b] = [keyId(name("a")), keyId(name("b"))]
    ledger.note(1, [{ id: a, sequence: seq(3) }])
    ledger.note(2, [
      { id: a, sequence: seq(4) },
      { id: b, sequence: seq(1) },
    ])
    ledger.note(3, [])
    await ledger.close()
    const again = await reopen(path)
    await again.ledger.close()
    expect(again.trouble).toBeUndefined()
    const { documents, lastBatch } = newestEntries(again.entries)
    expect(lastBatch).toBe(3)
    expect(documents.map(({ id, sequence, batch }) => [hex(id), sequence, batch])).toEqual([
      [hex(a), 4, 2],
      [hex(b), 1, 2],
    ])
  })

  it("goes by a document's newest batch, also when that has a lower sequence", () => {
    const id = keyId(name("a"))
    const entries = [
      { id, sequence: seq(9), batch: 4 },
      { id, sequence: seq(2), batch: 5 },
    ]
    expect(newestEntries(entries).documents).toEqual([entries[1]])
  })

  it("is a ring: it never grows, and the oldest go first", async () => {
    const path = await ledgerPath()
    await write(path, Array<number>(LEDGER_SLOTS + 10).fill(1), 1)
    const { ledger, entries } = await reopen(path)
    await ledger.close()
    expect(entries).toHaveLength(LEDGER_SLOTS)
    expect(Math.min(...entries.map((entry) => entry.batch))).toBe(11)
    expect((await readFile(path)).length).toBe(SLOT_BYTES * (LEDGER_SLOTS + 1))
  })

  it.each([
    ["many small ones", Array<number>(LEDGER_SLOTS - 2).fill(1)],
    ["one that goes around the end", [LEDGER_SLOTS - 2, 5]],
    ["one larger than the ring", [LEDGER_SLOTS + 5]],
  ])("writes on behind the newest batch after being opened again: %s", async (_, sizes) => {
    const path = await ledgerPath()
    await write(path, sizes, 1)
    await write(path, [3], 100_000)
    await write(path, [2], 200_000)
    const { ledger, entries } = await reopen(path)
    await ledger.close()
    expect(entries.filter((entry) => entry.batch === 100_000)).toHaveLength(3)
    expect(entries.filter((entry) => entry.batch === 200_000)).toHaveLength(2)
    const kept = Math.min(LEDGER_SLOTS, sizes.reduce((sum, size) => sum + size, 0) + 5)
    expect(entries).toHaveLength(kept)
  })

  it("tells once when it cannot be written", async () => {
    const troubles: string[] = []
    const clock = new FakeClock()
    const onTrouble = (reason: string): number => troubles.push(reason)
    const { ledger } = await BatchLedger.open(await ledgerPath(), { clock, onTrouble })
    await ledger.close()
    for (let batch = 1; batch <= 3; batch++) {
      ledger.note(batch, [])
      clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(troubles).toHaveLength(1)
  })

  it("is written at the first batch, and from then on at most every 100 ms", async () => {
    const path = await ledgerPath()
    const clock = new FakeClock()
    const { ledger } = await BatchLedger.open(path, { clock, onTrouble: (reason) => expect.unreachable(reason) })
    const written = async (): Promise<number> => {
      const { entries, ledger: other } = await reopen(path)
      await other.close()
      return newestEntries(entries).lastBatch
    }
    ledger.note(1, [])
    await expect.poll(written).toBe(1)
    ledger.note(2, [])
    ledger.note(3, [])
    clock.advance(99)
    expect(await written()).toBe(1)
    clock.advance(1)
    await expect.poll(written).toBe(3)
    await ledger.close()
  })

  it.each([
    ["cut short", (path: string) => truncate(path, 1_000)],
    ["empty", (path: string) => writeFile(path, "")],
    ["another file", (path: string) => writeFile(path, "x".repeat(500_000))],
    ["a flipped byte", (path: string) => flip(path, SLOT_BYTES + 3)],
    ["a flipped byte in its title", (path: string) => flip(path, 3)],
  ])("is made anew when damaged, and what is whole of it is still read: %s", async (_, damage) => {
    const path = await ledgerPath()
    await write(path, Array<number>(20).fill(1), 1)
    await damage(path)
    const { ledger, trouble, entries } = await reopen(path)
    await ledger.close()
    expect(trouble).toBe("damaged")
    expect(entries.length).toBeLessThanOrEqual(20)
    const again = await reopen(path)
    await again.ledger.close()
    expect(again.trouble).toBeUndefined()
    expect(again.entries).toEqual([])
  })
})

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(path, bytes)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
