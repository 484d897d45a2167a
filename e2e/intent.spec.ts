import type { Person } from "@quire/playwright"
import { ACTION_NAMES, type ActionName, PAGE, WORD } from "../packages/editor/test/intent-names.js"
import { expect, test } from "./fixtures.js"

/**
 * docs/intent.md in two browsers: with both networks cut, Anna types a word into the second block and Ben does something
 * to it; then both are connected again. The model test has every place and every order; here are the keys that people
 * press.
 */

interface Deed {
  /** What Ben does before, which reaches both. */
  readonly prepare?: (ben: Person) => Promise<void>
  /** What he does to the second block. */
  readonly act: (ben: Person) => Promise<void>
  /** What both see in the end. */
  readonly ends: string
  /** What can be found on both pages in the end. */
  readonly shows?: string
}

/** Where Anna types: between "bra" and "vo". */
const OFFSET = 3

const SECOND = `bra${WORD}vo two`

/** The page with something else as its second block. */
const pageWith = (second: string): string => [PAGE[0], second, ...PAGE.slice(2)].join("\n")

type Point = readonly [block: number, offset: number]

/** Selects from one point of the text to another, or puts the caret there, as a pointer does. */
async function select(person: Person, from: Point, to: Point = from): Promise<void> {
  await person.editor.evaluate(
    (editor, points) => {
      const [anchor, head] = points.map(([block, offset]) => {
        const walker = document.createTreeWalker(editor.children[block] ?? editor, NodeFilter.SHOW_TEXT)
        let left = offset
        for (let text = walker.nextNode() as Text | null; text !== null; text = walker.nextNode() as Text | null) {
          if (left <= text.length) return [text, left] as const
          left -= text.length
        }
        throw new RangeError(`block ${block} has no offset ${offset}`)
      })
      if (anchor === undefined || head === undefined) return
      editor.focus()
      getSelection()?.setBaseAndExtent(...anchor, ...head)
    },
    [from, to] as const,
  )
}

async function press(person: Person, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await person.page.keyboard.press(key)
}

/** Presses keys with the caret in the second block. */
const keysInSecond =
  (...keys: readonly string[]) =>
  async (ben: Person): Promise<void> => {
    await select(ben, [1, 2])
    await press(ben, ...keys)
  }

/** Pastes what another program has copied. */
async function paste(ben: Person, html: string): Promise<void> {
  await ben.editor.evaluate(async (_editor, copied) => {
    await navigator.clipboard.write([new ClipboardItem({ "text/html": new Blob([copied], { type: "text/html" }) })])
  }, html)
  await select(ben, [1, 6])
  await press(ben, "Control+v")
}

const typeAbc = async (ben: Person): Promise<void> => {
  await select(ben, [1, 6])
  await ben.type("abc")
}

/** What only a model can do in one step; the page has no keys for it. */
const WITHOUT_KEYS = ["move block", "delete + edit the next", "replace all"] as const

const DEEDS: Readonly<Record<Exclude<ActionName, (typeof WITHOUT_KEYS)[number]>, Deed>> = {
  type: { act: typeAbc, ends: pageWith(`bra${WORD}vo abctwo`) },
  "convert to heading": {
    act: keysInSecond("Control+Alt+2"),
    ends: pageWith(SECOND),
    shows: "h2",
  },
  "convert back and forth": {
    act: keysInSecond("Control+Alt+2", "Control+Alt+0"),
    ends: pageWith(SECOND),
    shows: "p:nth-child(2)",
  },
  "toggle list": { act: keysInSecond("Control+Shift+8"), ends: pageWith(SECOND), shows: "[data-list=bullet]" },
  indent: {
    prepare: async (ben) => {
      await select(ben, [0, 0], [1, 2])
      await press(ben, "Control+Shift+8")
    },
    act: keysInSecond("Tab"),
    ends: pageWith(SECOND),
    shows: "[data-list=bullet][data-indent='1']",
  },
  check: {
    prepare: keysInSecond("Control+Shift+9"),
    act: keysInSecond("Control+Enter"),
    ends: pageWith(SECOND),
    shows: "input:checked",
  },
  split: {
    act: async (ben) => {
      await select(ben, [1, 6])
      await press(ben, "Enter")
    },
    ends: pageWith(`bra${WORD}vo \ntwo`),
  },
  join: {
    act: async (ben) => {
      await select(ben, [2, 0])
      await press(ben, "Backspace")
    },
    ends: [PAGE[0], SECOND + PAGE[2], PAGE[3]].join("\n"),
  },
  "delete block": {
    act: async (ben) => {
      await select(ben, [1, 0], [1, 9])
      await press(ben, "Backspace", "Backspace")
    },
    ends: [PAGE[0], PAGE[2], PAGE[3]].join("\n"),
  },
  "type over several blocks": {
    act: async (ben) => {
      await select(ben, [1, 6], [2, 8])
      await ben.type("abc")
    },
    ends: [PAGE[0], `bra${WORD}vo abcthree`, PAGE[3]].join("\n"),
  },
  format: {
    act: async (ben) => {
      await select(ben, [1, 0], [1, 9])
      await press(ben, "Control+b")
    },
    ends: pageWith(SECOND),
    shows: "strong",
  },
  link: {
    act: async (ben) => {
      await select(ben, [1, 0], [1, 9])
      await press(ben, "Control+k")
      await ben.page.getByRole("textbox", { name: "Address" }).fill("https://example.org/")
      await press(ben, "Enter")
    },
    ends: pageWith(SECOND),
    shows: "a[href='https://example.org/']",
  },
  "replace text": {
    act: async (ben) => {
      await select(ben, [1, 6], [1, 9])
      await ben.type("2")
    },
    ends: pageWith(`bra${WORD}vo 2`),
  },
  undo: { prepare: typeAbc, act: (ben) => press(ben, "Control+z"), ends: pageWith(SECOND) },
  redo: {
    prepare: async (ben) => {
      await typeAbc(ben)
      await press(ben, "Control+z")
    },
    act: (ben) => press(ben, "Control+y"),
    ends: pageWith(`bra${WORD}vo abctwo`),
  },
  "undo of a deleted block": {
    prepare: async (ben) => {
      await select(ben, [0, 0])
      await ben.type("new")
      await press(ben, "Enter")
      await select(ben, [0, 0], [1, 0])
      await press(ben, "Control+x")
    },
    act: (ben) => press(ben, "Control+z"),
    ends: `new\n${pageWith(SECOND)}`,
  },
  "paste a word": { act: (ben) => paste(ben, "abc"), ends: pageWith(`bra${WORD}vo abctwo`) },
  "paste two blocks": {
    act: (ben) => paste(ben, "<p>abc</p><p>def</p>"),
    ends: pageWith(`bra${WORD}vo abc\ndeftwo`),
  },
}

test("everything in docs/intent.md is tried here, but for what has no keys", () => {
  expect([...Object.keys(DEEDS), ...WITHOUT_KEYS].sort()).toEqual([...ACTION_NAMES].sort())
})

for (const [name, { prepare, act, ends, shows }] of Object.entries(DEEDS)) {
  test(`a word typed at the same time: ${name}`, async ({ person, complaints }) => {
    const anna = await person("Anna")
    const ben = await person("Ben", { permissions: ["clipboard-read", "clipboard-write"] })
    for (const one of [anna, ben]) await one.open("intent")
    await anna.goTo(0)
    for (const [index, line] of PAGE.entries()) {
      if (index > 0) await press(anna, "Enter")
      await anna.type(line)
    }
    await expect([anna, ben]).toConverge(PAGE.join("\n"))
    await prepare?.(ben)
    await expect([anna, ben]).toConverge()

    for (const { network } of [anna, ben]) network.cut()
    await select(anna, [1, OFFSET])
    await anna.type(WORD)
    await act(ben)
    await expect([anna, ben]).not.toConverge()
    for (const { network } of [anna, ben]) network.heal()
    await expect([anna, ben]).toConverge(ends)
    if (shows !== undefined) for (const { editor } of [anna, ben]) await expect(editor.locator(shows)).toHaveCount(1)
    expect(complaints.filter((complaint) => !complaint.includes("WebSocket") && !complaint.includes("ERR_"))).toEqual(
      [],
    )
  })
}
