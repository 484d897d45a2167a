import { expect, saveLight, test } from "./fixtures.js"

const STEP_MS = 20_000
const FIVE_MINUTES_MS = 300_000

test("a tab in the background for five minutes keeps its one connection, and is up to date when it is seen again", async ({
  people,
  server,
}) => {
  const [anna, ben] = await people(2)
  await anna.clock.install()
  await anna.page.addInitScript(() => {
    const listed = window as unknown as { isHidden?: boolean }
    Object.defineProperty(document, "visibilityState", { get: () => (listed.isHidden ? "hidden" : "visible") })
    Object.defineProperty(document, "hidden", { get: () => listed.isHidden === true })
  })
  const setHidden = (isHidden: boolean): Promise<void> =>
    anna.page.evaluate((now) => {
      Object.assign(window, { isHidden: now })
      document.dispatchEvent(new Event("visibilitychange"))
    }, isHidden)
  for (const one of [anna, ben]) await one.open("background")
  await anna.goTo(0)
  await anna.type("Before. ")
  await expect([anna, ben]).toConverge("Before. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  await ben.goTo(0)
  let opened = 0
  anna.page.on("websocket", () => {
    opened++
  })
  await setHidden(true)
  const tunnels = anna.network.tunnelsTo(server.url)
  for (let passedMs = 0; passedMs < FIVE_MINUTES_MS; passedMs += STEP_MS) {
    // A key, so that the line is no more silent than a server keeps it; and timers that wake late, as hidden pages' do.
    await ben.type("x")
    await expect([anna, ben]).toConverge()
    await anna.clock.fastForward(STEP_MS)
  }
  expect(opened).toBe(0)
  expect(anna.network.tunnelsTo(server.url) - tunnels).toBe(0)
  await setHidden(false)
  await expect([anna, ben]).toConverge(`Before. ${"x".repeat(FIVE_MINUTES_MS / STEP_MS)}`)
  await expect(saveLight(anna)).toHaveText("Saved")
  await anna.type("After. ")
  await expect([anna, ben]).toConverge(/After\. /)
  expect(opened).toBe(0)
})
