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

  /** Shows a text that is not decided on yet, in place of the one before it or of a range of the block's text. */
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
  await person.goTo(block)
  await person.page.keyboard.press("Home")
  for (let index = 0; index < offset; index++) await person.page.keyboard.press("ArrowRight")
  await person.type(text)
}

/** What the other one does while a composition goes on in the middle of the second of three lines. */
interface Meanwhile {
  readonly name: string
  readonly acts: readonly ((ben: Person) => Promise<void>)[]
  /** What both see in the end, "日本" having been composed. */
  readonly then: string
}

const LINES = ["first", "left right", "last"]

const MEANWHILE: readonly Meanwhile[] = [
  {
    name: "in the block before and in the block after",
    acts: [(ben) => typeAt(ben, 0, 5, " B"), (ben) => typeAt(ben, 2, 0, "B "), (ben) => typeAt(ben, 0, 0, "B ")],
    then: "B first B\nleft 日本right\nB last",
  },
  {
    name: "in the same block, before the composition",
    acts: [(ben) => typeAt(ben, 1, 0, "B "), (ben) => typeAt(ben, 1, 4, "-"), (ben) => typeAt(ben, 1, 0, "b")],
    then: "first\nbB le-ft 日本right\nlast",
  },
  {
    name: "in the same block, behind the composition",
    acts: [
      (ben) => typeAt(ben, 1, 11, " B"),
      (ben) => typeAt(ben, 1, 8, "-"),
      async (ben) => {
        await ben.page.keyboard.press("End")
        await ben.type("b")
      },
    ],
    then: "first\nleft 日本r-ight Bb\nlast",
  },
]

for (const { name, acts, then } of MEANWHILE) {
  test(`a composition goes on while somebody types ${name}`, async ({ people, complaints }) => {
    const [anna, ben] = await pageOf(people, LINES)
    const input = await InputMethod.at(anna)
    await anna.goTo(1)
    for (let index = 0; index < "right".length; index++) await anna.page.keyboard.press("ArrowLeft")
    await input.show("に")
    for (const [index, act] of acts.entries()) {
      await act(ben)
      await expect([anna, ben]).toConverge()
      await input.show(["にほ", "にほん", "日本"][index] ?? "日本")
      await expect([anna, ben]).toConverge()
    }
    expect(await input.heard()).toBe("start")
    await input.commit("日本")
    await expect([anna, ben]).toConverge(then)
    expect(await input.heard()).toBe("start end")
    await anna.type("!")
    await expect([anna, ben]).toConverge(then.replace("日本", "日本!"))
    expect(complaints).toEqual([])
  })
}
