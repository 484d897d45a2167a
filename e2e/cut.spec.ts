import { expect, saveLight, test } from "./fixtures.js"

const CUTS = 3

test("the connection is cut again and again while two people type, and every key arrives once", async ({ people }) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("cut")
  await anna.goTo(0)
  await anna.type("A: ")
  await anna.page.keyboard.press("Enter")
  await anna.type("B: ")
  await expect([anna, ben]).toConverge("A: \nB: ")
  await anna.goTo(0)
  await ben.goTo(1)
  const typeThroughCut = async (): Promise<void> => {
    await anna.type("sent, on its way, ")
    // At once: the last keys have left and are not acknowledged, or have not left at all.
    anna.network.cut()
    await anna.type("not sent. ")
  }
  for (let i = 0; i < CUTS; i++) {
    await Promise.all([typeThroughCut(), ben.type("Ben goes on and on. ")])
    // What was typed since is nowhere but in Anna's page, and the light must not say otherwise.
    await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
    await expect([anna, ben]).not.toConverge()
    anna.network.heal()
    await expect(saveLight(anna)).toHaveText("Saved")
  }
  const annas = "sent, on its way, not sent. ".repeat(CUTS)
  await expect([anna, ben]).toConverge(`A: ${annas}\nB: ${"Ben goes on and on. ".repeat(CUTS)}`)
})
