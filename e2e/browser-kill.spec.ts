import { untilShellIsKept } from "./device.js"
import { expect, saveLight, test } from "./fixtures.js"

test("what said Saved on this device is there after the browser was killed, still without a server, and is sent", async ({
  ownBrowser,
  person,
  server,
}) => {
  const browser = await ownBrowser("Anna")
  let anna = await browser.start()
  await expect(browser.start()).rejects.toMatchObject({ code: "QUIRE_BROWSER_RUNS" })
  await anna.open("killed")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Online. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  await server.kill()
  browser.network.cut()
  await anna.type("Offline.")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 8 edits waiting")
  await browser.kill()
  anna = await browser.start()
  await anna.open("killed")
  expect(await anna.text()).toBe("Online. Offline.")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 8 edits waiting")
  await anna.goTo(0)
  await anna.type(" Again.")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 15 edits waiting")
  await browser.kill()
  await server.start()
  browser.network.heal()
  anna = await browser.start()
  await anna.open("killed")
  await expect(saveLight(anna)).toHaveText("Saved")
  const ben = await person("Ben")
  await ben.open("killed")
  await expect([anna, ben]).toConverge("Online. Offline. Again.")
})

test("the browser is killed in the middle of a word, and what the server had confirmed or the device is there", async ({
  ownBrowser,
  person,
}) => {
  const browser = await ownBrowser("Anna")
  let anna = await browser.start()
  await anna.open("word")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Confirmed. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  const word = "uninterrupted ".repeat(20)
  const typing = anna.page.keyboard.type(word, { delay: 5 }).catch(() => "the browser is gone")
  await expect.poll(() => anna.text()).toContain("uninterrupted uninterrupted")
  await browser.kill()
  expect(await typing).toBe("the browser is gone")
  anna = await browser.start()
  await anna.open("word")
  await expect(saveLight(anna)).toHaveText("Saved")
  const text = await anna.text()
  expect(`Confirmed. ${word}`.startsWith(text)).toBe(true)
  expect(text.length).toBeGreaterThan("Confirmed. uninterrupted ".length)
  await anna.goTo(0)
  await anna.type("And on.")
  const ben = await person("Ben")
  await ben.open("word")
  await expect([anna, ben]).toConverge(`${text}And on.`)
})

test("a page that crashes comes back with what was on the device, also without a server", async ({
  person,
  server,
}) => {
  const anna = await person("Anna")
  await anna.open("crashed")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Online. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  await server.kill()
  await anna.type("Offline.")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 8 edits waiting")
  const browser = await anna.context.newCDPSession(anna.page)
  const crashed = anna.page.waitForEvent("crash")
  // The renderer cannot answer: it is gone.
  void browser.send("Page.crash").catch(() => undefined)
  await crashed
  const next = await anna.newTab()
  await next.open("crashed")
  expect(await next.text()).toBe("Online. Offline.")
  await expect(saveLight(next)).toHaveText("Saved on this device, 8 edits waiting")
  await server.start()
  await expect(saveLight(next)).toHaveText("Saved")
  const ben = await person("Ben")
  await ben.open("crashed")
  await expect([next, ben]).toConverge("Online. Offline.")
})
