import type { Person } from "@quire/playwright"
import { build } from "vite"
import { keysOf, untilShellIsKept } from "./device.js"
import { expect, saveLight, test } from "./fixtures.js"
import type { OfflineWeeks } from "./long-offline-page.js"

const DAYS = 30
const KEYS = 100_000
const PAGE = "/weeks-offline"

test(`${KEYS} edits of ${DAYS} days without a server open, and reach the others`, async ({ people }, testInfo) => {
  test.setTimeout(300_000)
  const [anna, ben] = await people(2)
  await anna.open("weeks")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Day 0. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  await expect.poll(() => keysOf(anna.page, "waiting")).toEqual([])
  const script = await bundle()
  await anna.page.route(`**${PAGE}`, (route) => {
    return route.fulfill({ contentType: "text/html", body: `<!doctype html><script>${script}</script>` })
  })
  anna.network.cut()
  await anna.page.goto(PAGE)
  const weeks: OfflineWeeks = { document: "weeks", days: DAYS, keysADay: Math.ceil(KEYS / DAYS) }
  const edits = await anna.page.evaluate((options) => {
    const { writeOffline } = window as unknown as { writeOffline(weeks: OfflineWeeks): Promise<number> }
    return writeOffline(options)
  }, weeks)
  expect(edits).toBe(DAYS * weeks.keysADay)
  const note = (what: string, seconds: number): void => {
    testInfo.annotations.push({ type: what, description: `${seconds.toFixed(2)} s of the page's main thread` })
  }
  await anna.open("weeks")
  await expect(saveLight(anna)).toHaveText(`Saved on this device, ${edits} edits waiting`, { timeout: 60_000 })
  const opening = await mainThreadSeconds(anna)
  note("opened without a server", opening)
  expect((await anna.text()).length).toBeGreaterThan(KEYS / 2)
  anna.network.heal()
  await expect(saveLight(anna)).toHaveText("Saved", { timeout: 60_000 })
  note("sent once there was one", (await mainThreadSeconds(anna)) - opening)
  await ben.open("weeks")
  await expect([anna, ben]).toConverge(undefined, { timeout: 60_000 })
  note("opened by somebody else", await mainThreadSeconds(ben))
  // And it is written in as any other document is.
  await ben.goTo(0)
  await ben.type("Welcome back. ")
  await expect([anna, ben]).toConverge(/Welcome back\. /, { timeout: 60_000 })
})

/** How long the page's main thread was at work since the page was loaded. */
async function mainThreadSeconds({ context, page }: Person): Promise<number> {
  const browser = await context.newCDPSession(page)
  await browser.send("Performance.enable")
  const { metrics } = await browser.send("Performance.getMetrics")
  await browser.detach()
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN
}

async function bundle(): Promise<string> {
  const input = "e2e/long-offline-page.ts"
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, rollupOptions: { input, output: { format: "iife" } } },
  })
  const [first] = [built].flat()
  if (first === undefined || !("output" in first)) throw new TypeError("the page was not bundled")
  return first.output[0].code.replaceAll("</script", "<\\/script")
}
