import { QuireError } from "@quire/base"
import type { KnownListing } from "@quire/provider"
import { FakeClock, settle } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { type Api, type DocumentEntry, TITLE_MAX } from "../../src/api/client.js"
import { TitleKeeper, type TitleServices } from "../../src/document/title-keeper.js"

/** A question or a save that the server has not answered yet. */
interface Asked<T> {
  answer(value: T): Promise<void>
  fail(error: unknown): Promise<void>
}

/** A keeper, its clock, and a server that answers when the test says so. */
class World {
  readonly clock = new FakeClock()
  readonly keeper: TitleKeeper
  /** Titles sent, in order. */
  readonly sent: string[] = []
  /** The title that waits on the device. */
  waiting: string | undefined
  /** What the device knows of the document. */
  known: DocumentEntry | undefined
  readonly #loads: Asked<DocumentEntry | undefined>[] = []
  readonly #saves: Asked<DocumentEntry>[] = []

  /** @param hasDevice whether the device keeps anything. */
  constructor({ hasDevice = false }: { hasDevice?: boolean } = {}) {
    const outside = (): never => {
      throw new TypeError("a title keeper reads and renames one document")
    }
    const api: Api = {
      listDocuments: outside,
      createDocument: outside,
      loadDocument: (_id, { signal } = {}) => {
        return new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason))
          this.#loads.push(asked(resolve, reject))
        })
      },
      renameDocument: (_id, title, { signal } = {}) => {
        this.sent.push(title)
        return new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason))
          this.#saves.push(asked(resolve, reject))
        })
      },
    }
    const onDevice = async <T>(run: () => T): Promise<T> => {
      if (!hasDevice) throw new QuireError("QUIRE_COPY_UNAVAILABLE", "no database")
      return run()
    }
    const library: TitleServices["library"] = {
      find: () => onDevice(() => this.#find()),
      keep: (kept) =>
        onDevice(() => {
          this.known = kept
        }),
      keepTitle: (_id, title) =>
        onDevice(() => {
          this.waiting = title
        }),
      settleTitle: (_id, title) =>
        onDevice(() => {
          if (this.waiting === title) this.waiting = undefined
        }),
    }
    this.keeper = new TitleKeeper("notes", { api, clock: this.clock, library })
  }

  #find(): KnownListing | undefined {
    if (this.known === undefined && this.waiting === undefined) return undefined
    return { entry: this.known ?? entry(""), isOnDevice: true, waitingTitle: this.waiting }
  }

  get title(): string {
    return this.keeper.getState().title
  }

  get save(): string {
    return this.keeper.getState().save.kind
  }

  /** The oldest save without an answer is answered. */
  async saved(): Promise<void> {
    await this.#saves.shift()?.answer(entry(this.sent.at(-1) ?? ""))
  }

  /** The oldest save without an answer fails. */
  async failed(error: unknown = new QuireError("QUIRE_UNREACHABLE", "no answer")): Promise<void> {
    await this.#saves.shift()?.fail(error)
  }

  /** Asks for the entry, and returns how to answer. */
  ask(): Asked<DocumentEntry | undefined> {
    void this.keeper.refresh()
    return this.#loads.at(-1) as Asked<DocumentEntry | undefined> // `refresh` asks at once
  }

  /** The newest question is answered, or fails. */
  async answered(value: DocumentEntry | undefined, error?: unknown): Promise<void> {
    const newest = this.#loads.at(-1)
    await (error === undefined ? newest?.answer(value) : newest?.fail(error))
  }

  /** The document has this title, and the keeper knows. */
  async opensWith(title: string): Promise<void> {
    await this.ask().answer(entry(title))
  }
}

function asked<T>(resolve: (value: T) => void, reject: (error: unknown) => void): Asked<T> {
  return {
    answer: (value) => {
      resolve(value)
      return settle()
    },
    fail: (error) => {
      reject(error)
      return settle()
    },
  }
}

function entry(title: string): DocumentEntry {
  return { id: "notes", kind: "page", title, createdMs: 1, changedMs: 2 }
}

describe("reading", () => {
  it("knows nothing before the first answer, then the title, then what others made of it", async () => {
    const world = new World()
    expect(world.keeper.getState()).toEqual({ title: "", entry: "unknown", save: { kind: "saved" } })
    await world.opensWith("Plan")
    expect(world.keeper.getState()).toEqual({ title: "Plan", entry: entry("Plan"), save: { kind: "saved" } })
    await world.opensWith("Another plan")
    expect(world.title).toBe("Another plan")
    expect(world.sent).toEqual([])
  })

  it("knows a document that nobody has made yet as none", async () => {
    const world = new World()
    await world.ask().answer(undefined)
    expect(world.keeper.getState()).toMatchObject({ title: "", entry: "none" })
  })

  it("keeps what it knows when the server cannot be reached", async () => {
    const world = new World()
    await world.opensWith("Plan")
    const before = world.keeper.getState()
    await world.ask().fail(new QuireError("QUIRE_UNREACHABLE", "no answer"))
    expect(world.keeper.getState()).toBe(before)
  })
})

describe("saving", () => {
  it("sends what was typed once nobody has typed for 400 ms", async () => {
    const world = new World()
    await world.opensWith("")
    world.keeper.edit("P")
    world.clock.advance(399)
    world.keeper.edit("Pl")
    world.clock.advance(399)
    expect(world.sent).toEqual([])
    expect(world.save).toBe("saving")
    world.clock.advance(1)
    expect(world.sent).toEqual(["Pl"])
    expect(world.save).toBe("saving")
    await world.saved()
    expect(world.save).toBe("saved")
    expect(world.clock.pending).toBe(0)
  })

  it("sends at once on leaving the field, and once", async () => {
    const world = new World()
    world.keeper.edit("Plan")
    world.keeper.flush()
    world.keeper.flush()
    world.clock.advance(1_000)
    expect(world.sent).toEqual(["Plan"])
    await world.saved()
    world.keeper.flush()
    expect(world.sent).toEqual(["Plan"])
  })

  it("sends nothing for what is no change", async () => {
    const world = new World()
    await world.opensWith("Plan")
    world.keeper.edit("Plan")
    world.keeper.flush()
    expect(world.sent).toEqual([])
    expect(world.clock.pending).toBe(0)
  })

  it("makes one line of several, and cuts what is too long without splitting a character", () => {
    const world = new World()
    world.keeper.edit("one \r\n two\n\nthree")
    expect(world.title).toBe("one two three")
    world.keeper.edit(`${"x".repeat(TITLE_MAX - 1)}👩`)
    expect(world.title).toBe("x".repeat(TITLE_MAX - 1))
  })

  it("says why a save failed, and tries again every 4 s until it works", async () => {
    const world = new World()
    world.keeper.edit("Plan")
    world.keeper.flush()
    await world.failed()
    expect(world.keeper.getState().save).toEqual({ kind: "not-saved", reason: "the title: no answer" })
    world.clock.advance(3_999)
    expect(world.sent).toHaveLength(1)
    world.clock.advance(1)
    expect(world.sent).toEqual(["Plan", "Plan"])
    await world.failed()
    world.clock.advance(4_000)
    await world.saved()
    expect(world.sent).toEqual(["Plan", "Plan", "Plan"])
    expect(world.save).toBe("saved")
    expect(world.clock.pending).toBe(0)
  })

  it("sends what is typed after a failure without waiting for the retry", async () => {
    const world = new World()
    world.keeper.edit("Plan")
    world.keeper.flush()
    await world.failed()
    world.keeper.edit("Plan B")
    expect(world.save).toBe("saving")
    world.clock.advance(400)
    expect(world.sent).toEqual(["Plan", "Plan B"])
    await world.saved()
    world.clock.advance(10_000)
    expect(world.sent).toHaveLength(2)
  })

  it("sends one save at a time; what is typed during one follows its answer", async () => {
    const world = new World()
    world.keeper.edit("a")
    world.keeper.flush()
    world.keeper.edit("ab")
    world.clock.advance(1_000)
    world.keeper.edit("abc")
    expect(world.sent).toEqual(["a"])
    await world.saved()
    expect(world.sent).toEqual(["a", "abc"])
    expect(world.save).toBe("saving")
    await world.saved()
    expect(world.save).toBe("saved")
    world.clock.advance(10_000)
    expect(world.sent).toHaveLength(2)
  })

  it("tries what was typed during a save that failed", async () => {
    const world = new World()
    world.keeper.edit("a")
    world.keeper.flush()
    world.keeper.edit("ab")
    await world.failed()
    expect(world.title).toBe("ab")
    world.clock.advance(4_000)
    expect(world.sent).toEqual(["a", "ab"])
  })
})

describe("without a server", () => {
  const unreachable = new QuireError("QUIRE_UNREACHABLE", "no answer")

  it("keeps a title on the device, goes on trying, and takes it off the device once a server has it", async () => {
    const world = new World({ hasDevice: true })
    await world.opensWith("Plan")
    world.keeper.edit("Offline plan")
    world.keeper.flush()
    expect(world.save).toBe("saving")
    await world.failed()
    expect(world.save).toBe("on-device")
    expect(world.waiting).toBe("Offline plan")
    world.clock.advance(4_000)
    await world.saved()
    expect(world.sent).toEqual(["Offline plan", "Offline plan"])
    expect(world.keeper.getState()).toMatchObject({ title: "Offline plan", save: { kind: "saved" } })
    expect(world.waiting).toBeUndefined()
    expect(world.known).toEqual(entry("Offline plan"))
    expect(world.clock.pending).toBe(0)
  })

  it("says that a title is not saved when a server refuses it, though the device has it", async () => {
    const world = new World({ hasDevice: true })
    world.keeper.edit("Plan")
    world.keeper.flush()
    await world.failed(new QuireError("QUIRE_FORBIDDEN", "you may only read"))
    expect(world.keeper.getState().save).toEqual({ kind: "not-saved", reason: "the title: you may only read" })
  })

  it("gives up a server that does not answer for 5 s", async () => {
    const world = new World({ hasDevice: true })
    world.keeper.edit("Plan")
    world.keeper.flush()
    await settle()
    world.clock.advance(4_999)
    await settle()
    expect(world.save).toBe("saving")
    world.clock.advance(1)
    await settle()
    expect(world.save).toBe("on-device")
  })

  it("keeps on the device what was typed during a save that failed after the page was left", async () => {
    const world = new World({ hasDevice: true })
    world.keeper.edit("a")
    world.keeper.flush()
    world.keeper.edit("ab")
    world.keeper.close()
    await world.failed()
    expect(world.waiting).toBe("ab")
    expect(world.clock.pending).toBe(0)
  })

  it("shows the title that the device knows until the server says another", async () => {
    const world = new World({ hasDevice: true })
    world.known = entry("Known plan")
    void world.keeper.open()
    await settle()
    expect(world.keeper.getState()).toMatchObject({ title: "Known plan", entry: entry("Known plan") })
    await world.answered(entry("Their plan"))
    expect(world.title).toBe("Their plan")
    expect(world.known).toEqual(entry("Their plan"))
  })

  it("does not replace the server's title with an older one of the device", async () => {
    const world = new World({ hasDevice: true })
    world.known = entry("Known plan")
    void world.keeper.open()
    await world.answered(entry("Their plan"))
    expect(world.title).toBe("Their plan")
  })

  it("sends a title that waited on the device when the document is opened again", async () => {
    const world = new World({ hasDevice: true })
    world.waiting = "Waiting plan"
    world.known = entry("Plan")
    void world.keeper.open()
    await settle()
    expect(world.keeper.getState()).toMatchObject({ title: "Waiting plan", save: { kind: "on-device" } })
    await world.answered(entry("Plan"))
    expect(world.title).toBe("Waiting plan")
    expect(world.sent).toEqual(["Waiting plan"])
    await world.saved()
    expect(world.waiting).toBeUndefined()
    expect(world.save).toBe("saved")
  })

  it("does not put a title that waited over what is typed while the device is asked", async () => {
    const world = new World({ hasDevice: true })
    world.waiting = "Waiting plan"
    void world.keeper.open()
    world.keeper.edit("Newer plan")
    await settle()
    expect(world.title).toBe("Newer plan")
  })

  it("claims nothing where neither server nor device answers", async () => {
    const world = new World()
    void world.keeper.open()
    await world.answered(undefined, unreachable)
    expect(world.keeper.getState()).toEqual({ title: "", entry: "unknown", save: { kind: "saved" } })
  })
})

describe("what others call it meanwhile", () => {
  it("does not replace what is typed and not saved", async () => {
    const world = new World()
    await world.opensWith("Plan")
    world.keeper.edit("Our plan")
    await world.ask().answer(entry("Their plan"))
    expect(world.title).toBe("Our plan")
    world.keeper.flush()
    await world.ask().answer(entry("Their plan"))
    expect(world.title).toBe("Our plan")
    await world.saved()
    expect(world.keeper.getState()).toMatchObject({ title: "Our plan", save: { kind: "saved" } })
  })

  it("does not replace what was typed and saved after it was asked for", async () => {
    const world = new World()
    const slow = world.ask()
    world.keeper.edit("Plan")
    world.keeper.flush()
    await world.saved()
    await slow.answer(entry(""))
    expect(world.title).toBe("Plan")
  })

  it("does not replace what was being saved when it was asked for", async () => {
    const world = new World()
    world.keeper.edit("Plan")
    world.keeper.flush()
    const slow = world.ask()
    await world.saved()
    await slow.answer(entry(""))
    expect(world.title).toBe("Plan")
  })
})

describe("listeners", () => {
  it("are told of changes until they stop, and see one state between two changes", async () => {
    const world = new World()
    const seen: string[] = []
    const stop = world.keeper.subscribe(() => seen.push(world.title))
    expect(world.keeper.getState()).toBe(world.keeper.getState())
    world.keeper.edit("a")
    stop()
    world.keeper.edit("ab")
    expect(seen).toEqual(["a"])
  })
})

describe("closing", () => {
  it("sends what waits, stops asking, and leaves no timer", async () => {
    const world = new World()
    const open = world.ask()
    world.keeper.edit("Plan")
    world.keeper.close()
    world.keeper.close()
    expect(world.sent).toEqual(["Plan"])
    await open.answer(entry("late"))
    expect(world.title).toBe("Plan")
    await world.saved()
    expect(world.clock.pending).toBe(0)
  })

  it("still sends what was typed during a save", async () => {
    const world = new World()
    world.keeper.edit("a")
    world.keeper.flush()
    world.keeper.edit("ab")
    world.keeper.close()
    await world.saved()
    expect(world.sent).toEqual(["a", "ab"])
    await world.saved()
    expect(world.clock.pending).toBe(0)
  })

  it("does not try again what fails from then on", async () => {
    const world = new World()
    world.keeper.edit("a")
    world.keeper.close()
    await world.failed()
    expect(world.clock.pending).toBe(0)
    expect(world.sent).toEqual(["a"])
  })
})
