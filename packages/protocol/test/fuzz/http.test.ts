import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DocumentLog } from "@quire/storage"
import { FakeClock, mutateBytes, SeededRandom } from "@quire/testing"
import { MemoryLevel } from "memory-level"
import { describe, expect, it, onTestFinished } from "vitest"
import { documentRoutes } from "../../../../apps/server/src/http/documents.js"
import { documentName } from "../../../../apps/server/src/sockets/upgrade.js"
import { fuzz, PATIENCE_MS } from "./runs.js"

const BODIES = [
  '{"title":"Plan"}',
  '{"title":"Große Pläne 🙂","more":[1,{}]}',
  '{"title":null}',
  "[]",
  '"title"',
  `{"title":"${"a".repeat(199)}"}`,
  '{"title":"\\ud800"}',
  '{"__proto__":{"title":"x"}}',
].map((body) => Buffer.from(body))
const TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", "", "APPLICATION/JSON"]

describe("the API", { timeout: PATIENCE_MS }, () => {
  it("answers any body with 2xx or 4xx, and gives an accepted title back as it was sent", async () => {
    const app = await api()
    const random = new SeededRandom(1)
    const tally = await fuzz("bodies of the API", 2_000, {
      // One in four is JSON with any title: of the others few are, and what is taken in has to be tried too.
      input: (inputs) => (inputs.below(4) === 0 ? anyTitle(inputs) : mutateBytes(inputs, inputs.pick(BODIES), BODIES)),
      check: async (body) => {
        const isNew = random.below(2) === 0
        const response = await app.request(isNew ? "/api/documents" : "/api/documents/plan", {
          method: isNew ? "POST" : "PATCH",
          headers: { "content-type": random.below(4) === 0 ? random.pick(TYPES) : "application/json" },
          body: Buffer.from(body),
        })
        const said = (await response.json()) as { title?: string; error?: { code: string } }
        expect(response.status).toBeLessThan(500)
        if (response.status < 300) expect(said.title).toBe(JSON.parse(Buffer.from(body).toString()).title)
        else expect(said.error?.code).toMatch(/^QUIRE_/)
        return String(response.status)
      },
    })
    expect((tally.get("200") ?? 0) + (tally.get("201") ?? 0)).toBeGreaterThan(50)
  })

  it("reads any name in an address as one document's, or refuses it with a reason", async () => {
    const seeds = ["plan", "team/plan", "a%2Fb", "%F0%9F%99%82", "100%", "%00", "%ED%A0%80", "..", "%C3%BC".repeat(40)]
    const bytes = seeds.map((seed) => Buffer.from(seed))
    const tally = await fuzz("names in addresses", 5_000, {
      input: (random) => mutateBytes(random, random.pick(bytes), bytes),
      check: (input) => {
        const encoded = Buffer.from(input).toString("latin1")
        const name = documentName(encoded)
        if (!name.ok) {
          expect(name.reason).toMatch(/^the document name /)
          return "refused"
        }
        expect(Buffer.byteLength(name.id)).toBeLessThanOrEqual(256)
        expect(documentName(encodeURIComponent(name.id))).toEqual(name)
        return "read"
      },
    })
    expect(tally.get("read")).toBeGreaterThan(50)
  })
})

/** A body with up to 20 UTF-16 units of any kind as its title. */
function anyTitle(random: SeededRandom): Uint8Array {
  const units = Array.from({ length: random.below(21) }, () => random.below(0x10000))
  return Buffer.from(JSON.stringify({ title: String.fromCharCode(...units) }))
}

async function api(): Promise<ReturnType<typeof documentRoutes>> {
  const directory = await mkdtemp(join(tmpdir(), "quire-fuzz-"))
  const log = await DocumentLog.open({
    directory,
    openLevel: async () => new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" }),
    fold: () => Promise.reject(new Error("nothing is folded here")),
    clock: new FakeClock(),
    onReport: () => undefined,
  })
  onTestFinished(async () => {
    await log.close()
    await rm(directory, { recursive: true, force: true })
  })
  return documentRoutes({ catalogue: log.catalogue, clock: new FakeClock(), random: new SeededRandom(2) })
}
