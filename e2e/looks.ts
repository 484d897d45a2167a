import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"

/** Pictures to look at, when a folder for them is named: `npm run states`. */
const folder = process.env.QUIRE_SCREENSHOTS

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

/** Takes a picture, if anybody wants one. */
export async function picture(page: Page, name: string): Promise<void> {
  if (folder === undefined) return
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: /filled|read-only|print|forced/.test(name) })
}

/** What reaches over the sides of the window, and so would have to be scrolled to. */
export async function sticksOut(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const over = [...document.querySelectorAll("body *")].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return left < 0 || right > clientWidth
    })
    return over.map((element) => element.outerHTML.slice(0, 100))
  })
}

/** What axe finds wrong. */
export async function violations(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
}
