import { STATES, show } from "./every-state.js"
import { expect, test } from "./fixtures.js"
import { picture, sticksOut } from "./looks.js"

for (const state of Object.keys(STATES)) {
  test(`${state}: nothing sticks out, wide and narrow, light and dark`, async ({ server, person }) => {
    test.slow()
    const page = await show(state, { server, person })
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }) // no colour on its way to another
        await picture(page, `${state}-${width}-${colorScheme}`)
      }
      expect(await sticksOut(page), `${width} px`).toEqual([])
    }
  })
}

test("a page in print, in forced colours, without motion and at 400 % zoom", async ({ server, person }) => {
  test.slow()
  const page = await show("page-filled", { server, person })
  await page.emulateMedia({ media: "print", colorScheme: "dark" })
  await expect(page.locator("body")).toHaveCSS("background-color", "rgb(255, 255, 255)")
  await expect(page.getByRole("toolbar")).toBeHidden()
  await expect(page.locator(".remote-caret")).toBeHidden()
  await picture(page, "print")
  await page.emulateMedia({ media: "screen", colorScheme: "light", forcedColors: "active" })
  await picture(page, "forced-colors")
  await page.emulateMedia({ forcedColors: "none", reducedMotion: "reduce" })
  await picture(page, "reduced-motion")
  await page.setViewportSize({ width: 320, height: 256 })
  for (const tool of await page.locator("[data-tool]").all()) await expect(tool).toBeInViewport({ ratio: 1 })
  await picture(page, "zoom-400")
  expect(await sticksOut(page)).toEqual([])
})
