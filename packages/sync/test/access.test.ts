import { CloseCode } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { authorise, type GrantReason, grantFor, type Operation } from "../src/index.js"
import { BIRTH, DOCUMENT, World } from "./world.js"

describe("the table", () => {
  it("[A1] allows each operation to the grants it names, and gives a reason otherwise", () => {
    const rows = (["read", "announce", "write"] as Operation[]).flatMap((operation) =>
      (["read", "comment", "write"] as const).map((grant) => [
        operation,
        grant,
        authorise(grant, operation, "rights").ok,
      ]),
    )
    expect(rows.filter(([, , ok]) => !ok)).toEqual([
      ["write", "read", false],
      ["write", "comment", false],
    ])
    for (const why of ["rights", "plain-on-page", "schema-behind"] as GrantReason[]) {
      expect(authorise("read", "write", why)).toMatchObject({ ok: false, code: /^QUIRE_/ })
    }
  })

  it("[A2] lets only clients with the page's schema, or a newer one, write to a page", () => {
    const at = (client: number): string => grantFor("write", "page", { document: 2, client }).grant
    expect([at(0), at(1), at(2), at(3)]).toEqual(["read", "read", "write", "write"])
    expect(grantFor("write", "plain", { document: 0, client: 0 }).grant).toBe("write")
    expect(grantFor("read", "page", { document: 1, client: 1 }).grant).toBe("read")
  })
})

describe("pages", () => {
  it("[A3] gives a page nobody wrote to as one empty block, and writes nothing for looking at it", async () => {
    const world = new World()
    const reader = await world.peer({ schema: 1 })
    expect(reader.of("step2").map(({ update }) => [...update])).toEqual([[...BIRTH]])
    expect(reader.ydoc.getXmlFragment("body").length).toBe(1)
    const again = await world.peer({ schema: 1, content: BIRTH })
    expect(again.of("acknowledge").at(-1)?.through).toBe(1)
    expect(world.log.waiting).toBe(0)
  })

  it("[A3] begins a page's log with its birth, whoever writes first", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer({ schema: 1 }), await world.peer({ schema: 1 })]
    anna.ydoc.getXmlFragment("body").insert(1, [new Y.XmlElement("textblock")])
    await world.commit()
    const records = world.log.documents.get(DOCUMENT)?.records ?? []
    expect(records.map(({ sequence, schema }) => [sequence, schema])).toEqual([
      [1, 1],
      [2, 1],
    ])
    expect([...(records[0]?.payload ?? [])]).toEqual([...BIRTH])
    expect(world.log.documents.get(DOCUMENT)?.origin.kind).toBe("page")
    expect(ben.ydoc.getXmlFragment("body").length).toBe(2)
    expect((await world.peer({ dialect: "plain" })).ydoc.getXmlFragment("body").length).toBe(2)
  })

  it("[A2] lets a plain client read a page, and closes it with a reason when it writes", async () => {
    const world = new World()
    world.kinds.set(DOCUMENT, "page")
    const anna = await world.peer({ schema: 1 })
    anna.type("x")
    await world.commit()
    const plain = await world.peer({ dialect: "plain" })
    expect(plain.text()).toBe("x")
    expect(plain.closed).toBeUndefined()
    plain.type("mine")
    await world.quiet()
    expect(plain.of("denied")[0]?.reason).toMatch(/^QUIRE_PAGE_NEEDS_QUIRE/)
    expect(plain.closed?.code).toBe(CloseCode.Schema)
    expect(anna.text()).toBe("x")
    expect(anna.closed).toBeUndefined()
  })

  it("[A2] tells a client behind the schema within its greeting, and takes nothing from it", async () => {
    const world = new World()
    const anna = await world.peer({ schema: 2 })
    anna.type("x")
    await world.commit()
    const old = await world.peer({ schema: 1 })
    expect(old.of("welcome")[0]).toMatchObject({ grant: "read", schema: 2 })
    expect(old.of("notice")[0]?.code).toBe("QUIRE_SCHEMA_BEHIND")
    old.type("mine")
    await world.quiet()
    expect(anna.text()).toBe("x")
    expect(world.log.waiting).toBe(0)
  })

  it("[A2] makes an older editor a reader when a newer one writes", async () => {
    const world = new World()
    const old = await world.peer({ schema: 1 })
    old.type("old ")
    await world.commit()
    const recent = await world.peer({ schema: 2 })
    recent.type("new ")
    await world.commit()
    expect(old.of("rights")).toMatchObject([{ grant: "read", reason: expect.stringContaining("newer version") }])
    expect(old.of("notice").map(({ code }) => code)).toEqual(["QUIRE_SCHEMA_BEHIND"])
    old.type("mine ")
    await world.quiet()
    expect(recent.text()).not.toContain("mine")
  })

  it("[A3] makes a name that a plain client writes first plain, and tells a page's editor that waited there", async () => {
    const world = new World()
    const [editor, plain] = [await world.peer({ schema: 1 }), await world.peer({ dialect: "plain" })]
    plain.type("x")
    await world.commit()
    expect(world.log.documents.get(DOCUMENT)?.origin.kind).toBe("plain")
    expect(editor.closed?.code).toBe(CloseCode.Schema)
    expect(editor.closed?.reason).toMatch(/^QUIRE_NOT_A_PAGE/)
  })
})

describe("a page that the server has lost", () => {
  async function lostPage(): Promise<Uint8Array> {
    const world = new World()
    const editor = await world.peer({ schema: 1 })
    editor.type("kept ")
    await world.commit()
    const reader = await world.peer({ dialect: "plain" })
    return Y.encodeStateAsUpdate(reader.ydoc)
  }

  it.each(["plain", "native"] as const)(
    "[A3] is not made a plain document by a %s reader that comes back first, and is healed by its editor",
    async (dialect) => {
      const content = await lostPage()
      const world = new World()
      world.log.isInstant = true
      const reader = await world.peer({ dialect, content })
      await world.quiet()
      expect(world.log.documents.get(DOCUMENT)).toBeUndefined()
      if (dialect === "plain") expect(reader.closed?.reason).toMatch(/^QUIRE_PAGE_NEEDS_QUIRE/)
      else expect(reader.of("notice").map(({ code }) => code)).toEqual(["QUIRE_PAGE_NEEDS_QUIRE"])
      const editor = await world.peer({ schema: 1, content })
      editor.type("on ")
      await world.quiet()
      expect(editor.closed).toBeUndefined()
      expect(world.log.documents.get(DOCUMENT)?.origin.kind).toBe("page")
      expect((await world.peer({ dialect: "plain" })).text()).toBe("on kept ")
    },
  )

  it("[A3] is told from a plain document whose client happens to have the birth's client id", async () => {
    const world = new World()
    const plain = await world.peer({ dialect: "plain", clientId: 1 })
    plain.type("one by one or at once")
    await world.commit()
    expect(plain.closed).toBeUndefined()
    expect(world.log.documents.get(DOCUMENT)?.origin.kind).toBe("plain")
  })
})

describe("rights", () => {
  it("[A1] tells a native reader that writes, keeps it, and takes nothing", async () => {
    const world = new World()
    const writer = await world.peer()
    world.rights = "read"
    const reader = await world.peer()
    reader.type("mine")
    await world.quiet()
    expect(reader.of("notice").map(({ code }) => code)).toEqual(["QUIRE_READ_ONLY"])
    expect(reader.closed).toBeUndefined()
    expect(writer.text()).toBe("")
    writer.type("x")
    await world.quiet()
    expect(reader.text()).toContain("x")
  })

  it("[A1] closes a plain reader that writes with 4403", async () => {
    const world = new World()
    world.rights = "read"
    const reader = await world.peer({ dialect: "plain" })
    reader.type("mine")
    await world.quiet()
    expect(reader.closed?.code).toBe(CloseCode.Forbidden)
    expect(world.log.waiting).toBe(0)
  })
})
