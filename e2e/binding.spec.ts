import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

/**
 * The page's selection is moved in the very task in which something else happens: the browser has not told the editor
 * yet. In daily life that is a click, or End, on a busy machine.
 */
declare global {
  interface Window {
    /** Called once, in the task in which the page is given the next change of the text, just before. */
    beforeChange?: (() => void) | undefined
  }
}

async function openWithLines(people: readonly Person[], lines: readonly string[]): Promise<void> {
  const [first] = people
  for (const one of people) await one.open("binding")
  await first?.goTo(0)
  for (const [index, line] of lines.entries()) {
    if (index > 0) await first?.page.keyboard.press("Enter")
    await first?.type(line)
  }
  await expect(people).toConverge(lines.join("\n"))
}

test("keys go where the caret was put just before somebody else's change came", async ({ people, complaints }) => {
  const [anna, ben] = await people(2)
  await anna.context.addInitScript(() => {
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        this.addEventListener("message", ({ data }) => {
          const isSync = data instanceof ArrayBuffer && new Uint8Array(data)[0] === 0
          if (!isSync) return
          window.beforeChange?.()
          window.beforeChange = undefined
        })
      }
    }
  })
  await openWithLines([anna, ben], ["one", "two", "three"])
  await anna.goTo("three")
  await anna.editor.evaluate((editor) => {
    window.beforeChange = () => {
      const text = editor.children[1]?.firstChild
      if (text instanceof Text) getSelection()?.setPosition(text, text.length)
    }
  })
  await ben.goTo("one")
  await ben.type("!")
  await expect.poll(() => anna.text()).toBe("one!\ntwo\nthree")
  await anna.type("?")
  await expect([anna, ben]).toConverge("one!\ntwo?\nthree")
  expect(complaints).toEqual([])
})

test("a key acts on what was selected just before it was pressed", async ({ people, complaints }) => {
  const [anna] = await people(1)
  await openWithLines([anna], ["one", "two", "three"])
  await anna.goTo("three")
  await anna.editor.evaluate((editor) => {
    const block = editor.children[1]
    if (block !== undefined) getSelection()?.selectAllChildren(block)
    editor.dispatchEvent(new KeyboardEvent("keydown", { key: "Backspace", bubbles: true, cancelable: true }))
  })
  await expect.poll(() => anna.text()).toBe("one\n\nthree")
  expect(complaints).toEqual([])
})
