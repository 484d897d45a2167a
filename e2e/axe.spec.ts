import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { STATES, show } from "./every-state.js"
import { expect, test } from "./fixtures.js"

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

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

async function violations(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
}
