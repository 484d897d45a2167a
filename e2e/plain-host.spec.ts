import { PLAIN_HOST } from "@quire/playwright"
import { expect, saveLight, test } from "./fixtures.js"

test("it works over plain http at a host name, where browsers give less to pages", async ({ person }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben", { baseURL: `http://${PLAIN_HOST}` })]
  await anna.open("lan")
  await ben.open("lan")
  expect(await ben.page.evaluate(() => window.isSecureContext)).toBe(false)
  await anna.goTo(0)
  await anna.type("From this machine. ")
  await expect([anna, ben]).toConverge("From this machine. ")
  await ben.goTo(0)
  await ben.type("From the next room.")
  await expect(saveLight(ben)).toHaveText("Saved")
  await expect([anna, ben]).toConverge("From this machine. From the next room.")
})
