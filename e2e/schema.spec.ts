import type { Locator, Page } from "@playwright/test"
import { BIRTH_UPDATE, bodyOf, checkBody, readBody } from "@quire/document"
import { SCHEMA_VERSION } from "@quire/schema"
import * as Y from "yjs"
import {
  block,
  FOREIGN_WRITES,
  pageOfSchema,
  SCHEMA_VERSIONS,
  wordsOfSchema,
} from "../packages/editor/test/schema-pages.js"
import { expect, saveLight } from "./fixtures.js"
import { type RawClient, test } from "./raw-client.js"

const NEWER = SCHEMA_VERSION + 1
const UNKNOWN = "Something that this version of Quire cannot show"

/** The text of a page that no editor may be mounted on. */
function readableText(page: Page): Locator {
  return page.getByRole("region", { name: "Page text" })
}

/** Why the page can only be read. */
function sentence(page: Page): Locator {
  return page.getByRole("note")
}

/** The same, said at once to somebody who could write until now. */
function alarm(page: Page): Locator {
  return page.getByRole("alert")
}

/** What a page sends that could change a document: updates, and answers with structs in them. */
function writesOf(page: Page): string[] {
  const writes: string[] = []
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      if (typeof payload === "string" || payload[0] !== 0) return
      const isUpdate = payload[1] === 2
      // The first byte of an update is the count of clients with structs. Short: its length is one byte.
      const isAnswer = payload[1] === 1 && (payload[2] ?? 0) >= 128 ? true : payload[1] === 1 && payload[3] !== 0
      if (isUpdate || isAnswer) writes.push(payload.toString("hex"))
    })
  })
  return writes
}

/** What the server has. */
async function stored(open: (schema: number) => Promise<RawClient>): Promise<Uint8Array> {
  const client = await open(NEWER)
  const state = stateOf(client.ydoc)
  client.close()
  return state
}

/** A ydoc's state as bytes that are equal for equal documents. */
function stateOf(ydoc: Y.Doc): Uint8Array {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(ydoc))
  return Y.encodeStateAsUpdate(copy)
}

for (const version of SCHEMA_VERSIONS) {
  test(`a page of schema version ${version} is opened, and nothing is written`, async ({ person, rawClient }) => {
    const author = await rawClient("matrix", version)
    Y.applyUpdate(author.ydoc, pageOfSchema(version))
    await author.saved()
    const anna = await person("Anna")
    const writes = writesOf(anna.page)
    await anna.page.goto("/d/matrix")
    const text = version > SCHEMA_VERSION ? readableText(anna.page) : anna.editor
    for (const word of wordsOfSchema(version)) await expect(text).toContainText(word)
    await expect(saveLight(anna)).toHaveText("Saved")
    if (version > SCHEMA_VERSION) {
      await expect(sentence(anna.page)).toContainText(/^Update needed: .*Reload/)
      await expect(sentence(anna.page).getByRole("button", { name: "Reload" })).toBeVisible()
      await expect(text).toContainText(UNKNOWN)
      await expect(anna.page.getByText("Read only")).toBeVisible()
      await expect(text.locator("h2")).toHaveText("Heading")
      await expect(text.getByRole("link")).toHaveAttribute("href", "https://example.org/")
      await expect(text.getByRole("checkbox")).toBeDisabled()
      await text.getByText("Plain").click()
      await anna.type("lost")
    } else {
      await expect(anna.page.getByRole("toolbar")).toBeVisible()
      await anna.goTo("Plain")
    }
    // What the author goes on writing is shown, and that it may is the sign that the page has not raised the version.
    bodyOf(author.ydoc).push([block({ id: "late" }, [["Later"]])])
    await author.saved()
    await expect(text).toContainText("Later")
    expect(writes).toEqual([])
    expect(await stored((schema) => rawClient("matrix", schema))).toEqual(stateOf(author.ydoc))
  })
}

for (const [what, write] of Object.entries(FOREIGN_WRITES)) {
  test(`a page with ${what} opens read-only with a sentence, and deletes nothing`, async ({
    person,
    rawClient,
    complaints,
  }) => {
    const author = await rawClient("foreign", SCHEMA_VERSION)
    Y.applyUpdate(author.ydoc, pageOfSchema(SCHEMA_VERSION))
    write(author.ydoc)
    await author.saved()
    const before = await stored((schema) => rawClient("foreign", schema))
    const anna = await person("Anna")
    const writes = writesOf(anna.page)
    await anna.page.goto("/d/foreign")
    await expect(readableText(anna.page)).toContainText("Strong and soft")
    await expect(sentence(anna.page)).toContainText(/does not know, so you can only read it here/)
    await expect(saveLight(anna)).toHaveText("Saved")
    await expect(anna.editor).toHaveCount(0)
    expect(writes).toEqual([])
    expect(await stored((schema) => rawClient("foreign", schema))).toEqual(before)
    expect(complaints).toEqual([])
  })
}

for (const what of ["an unknown node", "an unknown mark", "an attribute of another type", "2,000 levels"]) {
  test(`two editors freeze when ${what} arrives: what they typed stays, and nothing is deleted`, async ({
    people,
    rawClient,
    complaints,
  }) => {
    const [anna, ben] = await people(2)
    for (const one of [anna, ben]) await one.open("arriving")
    await anna.goTo(0)
    await anna.type("Before. ")
    await expect([anna, ben]).toConverge("Before. ")
    await ben.goTo(0)
    const writer = await rawClient("arriving", SCHEMA_VERSION)
    const foreign = async (): Promise<void> => {
      await expect.poll(() => shownBy(writer.ydoc)).toMatch(/ab/)
      FOREIGN_WRITES[what]?.(writer.ydoc)
      await writer.saved()
    }
    await Promise.all([anna.type("abcdefghijklmnopqrstuvwxyz".repeat(3)), foreign()])
    for (const one of [anna, ben]) {
      await expect(alarm(one.page)).toContainText(/does not know/)
      await expect(readableText(one.page)).toContainText("Before. ab")
      await expect(one.editor).toHaveCount(0)
      await expect(saveLight(one)).toHaveText("Saved")
    }
    // All that was typed until then is on the server, and what was foreign still is as it was.
    await expect
      .poll(async () => normal(await readableText(ben.page).innerText()))
      .toBe(normal(await readableText(anna.page).innerText()))
    const found = await rawClient("arriving", NEWER)
    const before = stateOf(found.ydoc)
    expect(normal(shownBy(found.ydoc))).toContain("Before. ab")
    const misfit = checkBody(found.ydoc)
    const written = new Y.Doc()
    Y.applyUpdate(written, BIRTH_UPDATE)
    FOREIGN_WRITES[what]?.(written)
    expect(misfit).toEqual(checkBody(written))
    await anna.type("lost")
    await ben.type("lost")
    await writer.saved()
    expect(stateOf(found.ydoc)).toEqual(before)
    expect(complaints).toEqual([])
  })
}

test("who reads with an older build sees a newer one write, first what fits and then what does not", async ({
  person,
  rawClient,
}) => {
  const anna = await person("Anna")
  await anna.open("reader")
  await anna.goTo(0)
  await anna.type("Old. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  const writes = writesOf(anna.page)
  const newer = await rawClient("reader", NEWER)
  bodyOf(newer.ydoc).push([block({ id: "fits" }, [["New"]])])
  await newer.saved()
  await expect(anna.editor).toContainText("New")
  await expect(anna.editor).toHaveAttribute("aria-readonly", "true")
  await expect(alarm(anna.page)).toContainText(/^Update needed/)
  await anna.type("lost")
  bodyOf(newer.ydoc).push([block({ id: "odd" }, [["Odd"]], "callout")])
  await newer.saved()
  await expect(readableText(anna.page)).toContainText("Odd")
  await expect(readableText(anna.page)).toContainText(UNKNOWN)
  await expect(alarm(anna.page)).toHaveCount(1)
  await expect(anna.editor).toHaveCount(0)
  // The text goes on following.
  bodyOf(newer.ydoc).push([block({ id: "more" }, [["Later"]])])
  await expect(readableText(anna.page)).toContainText("Later")
  expect(writes).toEqual([])
  expect(shownBy(newer.ydoc)).toBe("Old. \nNew\nOdd\nLater")
  await Promise.all([anna.page.waitForEvent("load"), anna.page.getByRole("button", { name: "Reload" }).click()])
  await expect(readableText(anna.page)).toContainText("Later")
})

function shownBy(ydoc: Y.Doc): string {
  return readBody(ydoc)
    .map((part) => {
      if (part.kind === "block") return (part.block.content ?? []).map((run) => run.text).join("")
      return part.kind === "unknown" ? part.text : ""
    })
    .join("\n")
}

function normal(text: string): string {
  return text.replace(/\s+/g, " ").trim()
}
