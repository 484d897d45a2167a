import type { CDPSession } from "@playwright/test"
import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

/** What an input method does, as Chromium is told of it by the system. */
class InputMethod {
  readonly #person: Person
  readonly #session: CDPSession

  private constructor(person: Person, session: CDPSession) {
    this.#person = person
    this.#session = session
  }

  /** Takes over a person's keys; their page must be open. */
  static async at(person: Person): Promise<InputMethod> {
    await person.editor.evaluate((editor) => {
      const heard: string[] = []
      for (const type of ["compositionstart", "compositionend"]) {
        editor.addEventListener(type, () => {
          heard.push(type.slice("composition".length))
          editor.dataset.compositions = heard.join(" ")
        })
      }
    })
    return new InputMethod(person, await person.context.newCDPSession(person.page))
  }

  /** Shows a text that is not decided on yet, in place of the one before it or of a range of the whole text. */
  async show(text: string, replaced?: readonly [from: number, to: number]): Promise<void> {
    const caret = { selectionStart: text.length, selectionEnd: text.length }
    const range = replaced === undefined ? {} : { replacementStart: replaced[0], replacementEnd: replaced[1] }
    await this.#session.send("Input.imeSetComposition", { text, ...caret, ...range })
  }

  /** Decides on a text, which replaces the one that was shown. */
  async commit(text: string): Promise<void> {
    await this.#session.send("Input.insertText", { text })
  }

  /** How often a composition began and ended so far: "start end", if it was one that is over. */
  async heard(): Promise<string> {
    return (await this.#person.editor.getAttribute("data-compositions")) ?? ""
  }
}

/** Two people at a page with these lines. */
async function pageOf(
  people: (count: number) => Promise<readonly Person[]>,
  lines: readonly string[],
): Promise<readonly [Person, Person]> {
  const [anna, ben] = await people(2)
  if (anna === undefined || ben === undefined) throw new Error("two people were asked for")
  for (const one of [anna, ben]) await one.open("compositions")
  await anna.goTo(0)
  for (const [index, line] of lines.entries()) {
    if (index > 0) await anna.page.keyboard.press("Enter")
    await anna.type(line)
  }
  await expect([anna, ben]).toConverge(lines.join("\n"))
  return [anna, ben]
}

/** Types at an offset in a block. */
async function typeAt(person: Person, block: number, offset: number, text: string): Promise<void> {
  await putCaret(person, block, offset)
  await person.type(text)
}

/** Puts the caret at an offset in a block. */
async function putCaret(person: Person, block: number, offset: number): Promise<void> {
  await person.goTo(block)
  await person.page.keyboard.press("Home")
  for (let index = 0; index < offset; index++) await person.page.keyboard.press("ArrowRight")
}

/** Selects a whole block's text. */
async function selectBlock(person: Person, block: number): Promise<void> {
  await person.goTo(block)
  await person.page.keyboard.press("Home")
  await person.page.keyboard.press("Shift+End")
}

const press = (key: string) => (ben: Person) => ben.page.keyboard.press(key)

const LINES = ["first", "left right", "last"]

/** What the other one does while "日本" is composed between "left " and "right" of `LINES`. */
interface Meanwhile {
  readonly name: string
  /** Done one after another, the composition going on between. */
  readonly acts: readonly ((ben: Person) => Promise<unknown>)[]
  /** What both see in the end. */
  readonly ends: string
  /** How the composed block looks then. */
  readonly tag?: string
}

const MEANWHILE: readonly Meanwhile[] = [
  {
    name: "somebody types in the block before and in the block after",
    acts: [(ben) => typeAt(ben, 0, 5, " B"), (ben) => typeAt(ben, 2, 0, "B "), (ben) => typeAt(ben, 0, 0, "B ")],
    ends: "B first B\nleft 日本right\nB last",
  },
  {
    name: "somebody types in the same block, before it",
    acts: [(ben) => typeAt(ben, 1, 0, "B "), (ben) => typeAt(ben, 1, 4, "-"), (ben) => typeAt(ben, 1, 0, "b")],
    ends: "first\nbB le-ft 日本right\nlast",
  },
  {
    name: "somebody types in the same block, behind it",
    acts: [(ben) => typeAt(ben, 1, 11, " B"), (ben) => typeAt(ben, 1, 8, "-"), (ben) => typeAt(ben, 1, 16, "b")],
    ends: "first\nleft 日本r-ight Bb\nlast",
  },
  {
    name: "somebody deletes and types right beside it",
    acts: [
      async (ben) => {
        await putCaret(ben, 1, 5)
        await ben.page.keyboard.press("Backspace")
      },
      async (ben) => {
        await putCaret(ben, 1, 6)
        await ben.page.keyboard.press("Delete")
      },
      (ben) => typeAt(ben, 1, 7, "R"),
    ],
    ends: "first\nleft日本Right\nlast",
  },
  {
    name: "somebody makes its words bold, and the block a heading",
    acts: [(ben) => selectBlock(ben, 1), press("Control+b"), press("Control+Alt+2"), (ben) => typeAt(ben, 1, 0, "B ")],
    ends: "first\nB left 日本right\nlast",
    tag: "H2",
  },
  {
    name: "somebody makes its block a task, checks it and indents it",
    acts: [
      (ben) => putCaret(ben, 1, 0),
      press("Control+Shift+9"),
      press("Control+Enter"),
      press("Tab"),
      (ben) => typeAt(ben, 1, 0, "B "),
    ],
    ends: "first\nB left 日本right\nlast",
    tag: "DIV",
  },
  {
    name: "somebody deletes the block before it, and moves the one after it to the start",
    acts: [
      (ben) => selectBlock(ben, 0),
      press("Backspace"),
      press("Delete"),
      (ben) => selectBlock(ben, 1),
      press("Control+x"),
      press("Backspace"),
      press("Control+Home"),
      press("Enter"),
      press("ArrowUp"),
      press("Control+v"),
    ],
    ends: "last\nleft 日本right",
  },
]

for (const { name, acts, ends, tag } of MEANWHILE) {
  test(`a composition goes on while ${name}`, async ({ people, complaints }) => {
    const [anna, ben] = await pageOf(people, LINES)
    await ben.context.grantPermissions(["clipboard-read", "clipboard-write"])
    const input = await InputMethod.at(anna)
    await putCaret(anna, 1, "left ".length)
    await input.show("に")
    for (const [index, act] of acts.entries()) {
      await act(ben)
      await expect([anna, ben]).toConverge()
      const isLast = index === acts.length - 1
      await input.show(isLast ? "日本" : (["にほ", "にほん", "二本"][index % 3] ?? ""))
      await expect([anna, ben]).toConverge()
    }
    expect(await input.heard()).toBe("start")
    await input.commit("日本")
    await expect([anna, ben]).toConverge(ends)
    expect(await input.heard()).toBe("start end")
    for (const { editor } of [anna, ben]) {
      const block = editor.locator(":scope > *").filter({ hasText: "日本" })
      await expect.poll(() => block.evaluate(({ tagName }) => tagName)).toBe(tag ?? "P")
    }
    await anna.type("!")
    await expect([anna, ben]).toConverge(ends.replace("日本", "日本!"))
    expect(complaints).toEqual([])
  })
}

test("a block that became a heading looks like one when its composition is left by a click", async ({ people }) => {
  const [anna, ben] = await pageOf(people, LINES)
  const input = await InputMethod.at(anna)
  await putCaret(anna, 1, "left ".length)
  await input.show("日本")
  await expect([anna, ben]).toConverge("first\nleft 日本right\nlast")
  await putCaret(ben, 1, 0)
  await ben.page.keyboard.press("Control+Alt+2")
  await expect(ben.editor.getByRole("heading", { level: 2 })).toHaveText("left 日本right")
  await anna.goTo("first")
  await expect(anna.editor.getByRole("heading", { level: 2 })).toHaveText("left 日本right")
  await anna.type("!")
  await expect([anna, ben]).toConverge("first!\nleft 日本right\nlast")
})

test("a composition goes on when many changes come at once, around it and in its block", async ({
  people,
  complaints,
}) => {
  const [anna, ben] = await pageOf(people, LINES)
  const input = await InputMethod.at(anna)
  await putCaret(anna, 1, "left ".length)
  await input.show("に")
  await expect([anna, ben]).toConverge("first\nleft にright\nlast")
  anna.network.cut()
  await typeAt(ben, 1, 0, "B ")
  await typeAt(ben, 1, "B left にright".length, " B")
  await typeAt(ben, 0, 0, "B ")
  await ben.page.keyboard.press("Control+Alt+1")
  await input.show("にほん")
  anna.network.heal()
  await expect([anna, ben]).toConverge("B first\nB left にほんright B\nlast")
  await input.show("日本")
  expect(await input.heard()).toBe("start")
  await input.commit("日本")
  await expect([anna, ben]).toConverge("B first\nB left 日本right B\nlast")
  expect(await input.heard()).toBe("start end")
  // The browser tells of each connection that it could not make.
  expect(complaints.filter((complaint) => !complaint.includes("WebSocket"))).toEqual([])
})

test("a composition ends with its block when somebody deletes that, and writing goes on", async ({
  people,
  complaints,
}) => {
  const [anna, ben] = await pageOf(people, LINES)
  const input = await InputMethod.at(anna)
  await putCaret(anna, 1, "left ".length)
  await input.show("にほ")
  await expect([anna, ben]).toConverge("first\nleft にほright\nlast")
  await selectBlock(ben, 1)
  await ben.page.keyboard.press("Backspace")
  await ben.page.keyboard.press("Backspace")
  await expect([anna, ben]).toConverge("first\nlast")
  await input.show("にほん")
  await input.commit("日本")
  await expect([anna, ben]).toConverge(/日本/)
  await anna.goTo("first")
  await anna.type("!")
  await expect([anna, ben]).toConverge(/first.*!/)
  const text = await anna.text()
  expect(text.replace(/日本|!/g, "")).toBe("first\nlast")
  expect(text.split("日本")).toHaveLength(2)
  expect(complaints).toEqual([])
})

/** Where "wrte" is for the browser, which counts two line feeds between blocks. */
const WRTE = [9, 13] as const

for (const where of ["elsewhere", "in the same block"]) {
  test(`a word is replaced by a keyboard's suggestion while somebody types ${where}`, async ({
    people,
    complaints,
  }) => {
    const [anna, ben] = await pageOf(people, ["first", "I wrte this", "last"])
    const input = await InputMethod.at(anna)
    await putCaret(anna, 1, "I wrte".length)
    await input.show("wrte", WRTE)
    await typeAt(ben, where === "elsewhere" ? 0 : 1, 0, "B ")
    await expect([anna, ben]).toConverge()
    await input.show("wrot")
    await typeAt(ben, where === "elsewhere" ? 2 : 1, where === "elsewhere" ? 0 : "B I wrot this".length, "B")
    await expect([anna, ben]).toConverge()
    expect(await input.heard()).toBe("start")
    await input.commit("wrote")
    const ends = where === "elsewhere" ? "B first\nI wrote this\nBlast" : "first\nB I wrote thisB\nlast"
    await expect([anna, ben]).toConverge(ends)
    expect(await input.heard()).toBe("start end")
    expect(complaints).toEqual([])
  })
}

test("what a composition wrote is taken back whole, and only that", async ({ people, complaints }) => {
  const [anna, ben] = await pageOf(people, LINES)
  const input = await InputMethod.at(anna)
  await putCaret(anna, 1, "left ".length)
  for (const text of ["に", "にほ", "にほん"]) {
    await input.show(text)
    await typeAt(ben, 1, 0, "b")
    await expect([anna, ben]).toConverge()
  }
  await input.commit("日本")
  await expect([anna, ben]).toConverge("first\nbbbleft 日本right\nlast")
  await anna.page.keyboard.press("Control+z")
  await expect([anna, ben]).toConverge("first\nbbbleft right\nlast")
  await anna.page.keyboard.press("Control+y")
  await expect([anna, ben]).toConverge("first\nbbbleft 日本right\nlast")
  expect(complaints).toEqual([])
})

test("Markdown written by an input method is read when its composition is over", async ({ people, complaints }) => {
  const [anna, ben] = await pageOf(people, ["", "last"])
  const input = await InputMethod.at(anna)
  await anna.goTo(0)
  await input.show("#")
  await input.show("# ")
  await expect([anna, ben]).toConverge("# \nlast")
  await typeAt(ben, 1, 0, "the ")
  await expect([anna, ben]).toConverge("# \nthe last")
  await input.commit("# ")
  await anna.type("Plan ")
  await expect([anna, ben]).toConverge("Plan \nthe last")
  await input.show("**so**")
  await input.commit("**so**")
  for (const { editor } of [anna, ben]) {
    await expect(editor.getByRole("heading", { level: 1 })).toHaveText("Plan so")
    await expect(editor.locator("strong")).toHaveText("so")
  }
  await anna.page.keyboard.press("Backspace")
  await expect([anna, ben]).toConverge("Plan **so**\nthe last")
  expect(complaints).toEqual([])
})

/** Texts whose characters are more than one UTF-16 unit, or go the other way. */
const SCRIPTS = {
  emoji: ["😀", "😃", "👍🏽"],
  families: ["👨‍👩‍👧‍👦", "👩‍👩‍👦", "🏳️‍🌈"],
  "combining marks": ["e\u0301", "n\u0303o", "ก็"],
  Hebrew: ["שלום", "עולם", "אבג"],
  Arabic: ["مرحبا", "بالعالم", "سلام"],
} as const

for (const [script, [one, two, three]] of Object.entries(SCRIPTS)) {
  test(`${script} are written by two people in one block, typed and composed`, async ({ people, complaints }) => {
    const [anna, ben] = await pageOf(people, [`${one} ${two}`])
    const input = await InputMethod.at(anna)
    await anna.goTo(0)
    await ben.goTo(0)
    await ben.page.keyboard.press("Control+Home")
    await Promise.all([
      (async () => {
        for (const text of [two, three, one]) await input.show(text)
        await input.commit(three)
      })(),
      (async () => {
        for (const text of [three, one]) await ben.page.keyboard.insertText(text)
        await ben.page.keyboard.press("Backspace")
      })(),
    ])
    await expect([anna, ben]).toConverge()
    expect(await input.heard()).toBe("start end")
    const text = await anna.text()
    expect(text).not.toMatch(/[\ufffd\p{Surrogate}]/u)
    expect(text.startsWith(three)).toBe(true)
    expect(text.endsWith(`${one} ${two}${three}`)).toBe(true)
    await anna.page.keyboard.press("Backspace")
    await ben.page.keyboard.press("Delete")
    await expect([anna, ben]).toConverge()
    expect(await anna.text()).not.toMatch(/[\ufffd\p{Surrogate}]/u)
    expect(complaints).toEqual([])
  })
}
