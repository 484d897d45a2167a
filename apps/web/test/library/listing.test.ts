import { QuireError } from "@quire/base"
import type { KnownListing } from "@quire/provider"
import { describe, expect, it } from "vitest"
import type { DocumentEntry } from "../../src/api/client.js"
import { failure, type ListingOptions, loadFromDevice, loadFromServer } from "../../src/library/listing.js"

const UNREACHABLE = new QuireError("QUIRE_UNREACHABLE", "no answer", { hint: "Try again." })

function entry(id: string, changedMs: number, title = id): DocumentEntry {
  return { id, kind: "page", title, createdMs: 1, changedMs }
}

/** A server's list, a device, and what happened to both. */
function createWorld({ documents = [] as DocumentEntry[], known = [] as KnownListing[], hasDevice = true } = {}) {
  const titles = new Map<string, string>()
  const refused = new Map<string, QuireError>()
  const renamed: string[] = []
  const kept: string[][] = []
  const onDevice = async <T>(run: () => T): Promise<T> => {
    if (!hasDevice) throw new QuireError("QUIRE_COPY_UNAVAILABLE", "no database")
    return run()
  }
  const options: ListingOptions = {
    api: {
      listDocuments: async () => documents,
      renameDocument: async (id, title) => {
        const error = refused.get(id)
        if (error !== undefined) throw error
        renamed.push(`${id}: ${title}`)
        return entry(id, 9, title)
      },
    },
    library: {
      list: () => onDevice(() => known),
      keepList: (entries) => onDevice(() => void kept.push(entries.map(({ id, title }) => `${id}: ${title}`))),
      waitingTitles: () => onDevice(() => [...titles].map(([id, title]) => ({ id, title }))),
      settleTitle: (id) => onDevice(() => void titles.delete(id)),
    },
  }
  return { options, titles, refused, renamed, kept }
}

const never = new AbortController().signal

describe("with a server", () => {
  it("lists the newest first, and the device remembers the list", async () => {
    const { options, kept } = createWorld({ documents: [entry("old", 1), entry("new", 2)] })
    const rows = await loadFromServer(options, never)
    expect(rows.map(({ entry: { id }, isAvailable }) => [id, isAvailable])).toEqual([
      ["new", true],
      ["old", true],
    ])
    expect(kept).toEqual([["old: old", "new: new"]])
  })

  it("sends the titles that waited here first, and lists them", async () => {
    const { options, titles, renamed } = createWorld({ documents: [entry("a", 1), entry("b", 2)] })
    titles.set("a", "Given offline")
    const rows = await loadFromServer(options, never)
    expect(renamed).toEqual(["a: Given offline"])
    expect(titles.size).toBe(0)
    expect(rows[0]?.entry).toEqual(entry("a", 9, "Given offline"))
  })

  it("goes on to the next title after one that is refused, which goes on waiting", async () => {
    const { options, titles, refused, renamed } = createWorld({ documents: [entry("a", 1), entry("b", 2)] })
    titles.set("a", "Refused").set("b", "Taken")
    refused.set("a", new QuireError("QUIRE_FORBIDDEN", "you may only read"))
    await loadFromServer(options, never)
    expect(renamed).toEqual(["b: Taken"])
    expect([...titles.keys()]).toEqual(["a"])
  })

  it("sends no further title once the server is gone", async () => {
    const { options, titles, refused, renamed } = createWorld({ documents: [entry("a", 1), entry("b", 2)] })
    titles.set("a", "One").set("b", "Two")
    refused.set("a", UNREACHABLE)
    await loadFromServer(options, never)
    expect(renamed).toEqual([])
    expect(titles.size).toBe(2)
  })

  it("lists without a device too", async () => {
    const { options } = createWorld({ documents: [entry("a", 1)], hasDevice: false })
    expect(await loadFromServer(options, never)).toHaveLength(1)
  })

  it("rejects with what the server said", async () => {
    const { options } = createWorld()
    const listDocuments = (): Promise<never> => Promise.reject(UNREACHABLE)
    await expect(loadFromServer({ ...options, api: { ...options.api, listDocuments } }, never)).rejects.toBe(
      UNREACHABLE,
    )
    expect(failure(UNREACHABLE)).toEqual({ kind: "failed", message: "no answer", hint: "Try again." })
  })
})

describe("without a server", () => {
  it("lists what the device knows, with the titles given here, and tells what opens", async () => {
    const known: KnownListing[] = [
      { entry: entry("old", 1), isOnDevice: false, waitingTitle: undefined },
      { entry: entry("new", 2), isOnDevice: true, waitingTitle: "Given offline" },
    ]
    const rows = await loadFromDevice(createWorld({ known }).options)
    expect(rows.map(({ entry: { title }, isAvailable }) => [title, isAvailable])).toEqual([
      ["Given offline", true],
      ["old", false],
    ])
  })

  it("lists nothing where the device knows nothing", async () => {
    expect(await loadFromDevice(createWorld({ hasDevice: false }).options)).toEqual([])
  })
})
