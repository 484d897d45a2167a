import type { BrowserContextOptions, Page } from "@playwright/test"
import { write } from "./every-state.js"
import { expect, saveLight, test } from "./fixtures.js"

/** A phone's browser: fingers, and a keyboard that covers the page. */
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true }

test("on a phone the bar stands at the bottom, on top of the keyboard, and its panels above it", async ({ person }) => {
  const anna = await person("Anna", PHONE)
  await anna.open("phone")
  await anna.editor.locator(":scope > *").first().tap()
  await anna.type("our plan")
  const bar = anna.page.getByRole("toolbar")
  await expect.poll(() => lowerEdge(anna.page)).toBe(800)
  await showKeyboard(anna.page, 320)
  await expect.poll(() => lowerEdge(anna.page)).toBe(480)
  await bar.getByRole("button", { name: "More" }).tap()
  const menu = await anna.page.getByRole("menu").boundingBox()
  expect(menu?.y).toBeGreaterThanOrEqual(0)
  expect((menu?.y ?? 0) + (menu?.height ?? 0)).toBeLessThanOrEqual((await bar.boundingBox())?.y ?? 0)
  await anna.page.getByRole("menuitemcheckbox", { name: "Task list" }).tap()
  await expect(anna.editor.getByRole("checkbox")).toBeVisible()
  await showKeyboard(anna.page, 0)
  await expect.poll(() => lowerEdge(anna.page)).toBe(800)
})

test("tapping a format leaves the focus, and so the keyboard, where it is", async ({ person }) => {
  const anna = await person("Anna", PHONE)
  await anna.open("tapped")
  await anna.editor.locator(":scope > *").first().tap()
  await anna.type("plain ")
  await anna.editor.evaluate((editor) => {
    const left = { times: 0 }
    Object.assign(window, { left })
    editor.addEventListener("blur", () => left.times++)
  })
  const bar = anna.page.getByRole("toolbar")
  await bar.getByRole("button", { name: "Bold" }).tap()
  await anna.type("strong")
  await expect(anna.editor.locator("strong")).toHaveText("strong")
  await bar.getByRole("button", { name: "More" }).tap()
  await anna.page.getByRole("menuitemcheckbox", { name: "Bulleted list" }).tap()
  await expect(anna.editor.getByRole("listitem")).toHaveText(["plain strong"])
  await bar.getByRole("button", { name: "Undo" }).tap()
  await expect(anna.editor.getByRole("listitem")).toHaveCount(0)
  expect(await anna.page.evaluate("window.left.times")).toBe(0)
  await expect(anna.editor).toBeFocused()
})

test("what is touched is 44 px in size", async ({ person }) => {
  const anna = await person("Anna", PHONE)
  await anna.open("targets")
  await anna.editor.locator(":scope > *").first().tap()
  await write(anna, "[] task")
  expect(await tooSmall(anna.page)).toEqual([])
  await anna.page.getByRole("button", { name: "More", exact: true }).tap()
  expect(await tooSmall(anna.page)).toEqual([])
  await anna.page.keyboard.press("Escape")
  await anna.page.getByRole("button", { name: /^You are/ }).tap()
  expect(await tooSmall(anna.page)).toEqual([])
  await anna.page.goto("/")
  await expect(anna.page.getByRole("link", { name: /Untitled/ })).toBeVisible()
  expect(await tooSmall(anna.page)).toEqual([])
})

test("the save light is seen at every width, and nothing has to be scrolled sideways", async ({ person }) => {
  const anna = await person("Anna", { viewport: { width: 1280, height: 800 } })
  await anna.open("widths")
  await anna.goTo(0)
  await anna.type("Before. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  // 320 px is also a window of 1280 px at 400 % zoom.
  for (const width of [320, 390, 600, 833, 1023, 1025, 1280]) {
    await anna.page.setViewportSize({ width, height: 800 })
    await expect(saveLight(anna), `${width} px`).toBeInViewport({ ratio: 1 })
    expect(await sideways(anna.page), `${width} px`).toBe(0)
  }
  anna.network.cut()
  await anna.type("Waiting.")
  await expect(saveLight(anna)).toHaveText(/^Saved on this device, \d+ edits waiting$/)
  for (const width of [320, 390, 600, 833, 1023, 1025, 1280]) {
    await anna.page.setViewportSize({ width, height: 800 })
    await expect(saveLight(anna), `${width} px`).toBeInViewport({ ratio: 1 })
    const isCut = await saveLight(anna).evaluate(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1)
    expect(isCut, `${width} px`).toBe(false)
    expect(await sideways(anna.page), `${width} px`).toBe(0)
  }
})

/**
 * Covers the lower end of the page as a keyboard does on iOS: the page keeps its size, less of it is seen. Chromium's
 * emulation has no keyboard, so the page is told of a smaller visual viewport.
 */
async function showKeyboard(page: Page, height: number): Promise<void> {
  await page.evaluate((covered) => {
    const visible = window.visualViewport
    if (visible === null) throw new TypeError("there is no visual viewport")
    const seen = document.documentElement.clientHeight - covered
    Object.defineProperty(visible, "height", { configurable: true, get: () => seen })
    visible.dispatchEvent(new Event("resize"))
  }, height)
}

async function lowerEdge(page: Page): Promise<number> {
  const box = await page.getByRole("toolbar").boundingBox()
  return Math.round((box?.y ?? 0) + (box?.height ?? 0))
}

async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** Controls in sight that are smaller than a finger; links within the text are as high as their line. */
async function tooSmall(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, input, a, [role^=menuitem]")]
    const seen = controls.filter((control) => control.checkVisibility() && !control.matches(".skip-link"))
    return seen.flatMap((control) => {
      const { width, height } = control.getBoundingClientRect()
      return width >= 44 && height >= 44 ? [] : [`${control.outerHTML.slice(0, 80)} ${width} × ${height}`]
    })
  })
}
