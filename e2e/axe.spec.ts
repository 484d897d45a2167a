import { STATES, show } from "./every-state.js"
import { expect, test } from "./fixtures.js"
import { violations } from "./looks.js"

for (const state of Object.keys(STATES)) {
  test(`${state}: nothing for axe to find, light and dark, wide and narrow`, async ({ server, person }) => {
    test.slow()
    const page = await show(state, { server, person })
    for (const width of [1280, 390]) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
        expect(await violations(page), `${width} px, ${colorScheme}`).toEqual([])
      }
    }
  })
}
