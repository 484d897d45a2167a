import { expect, saveLight, test } from "./fixtures.js"

/** Cuts while somebody types: often enough that some fall between a key and its acknowledgement. */
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
  const words = "pack my box with jugs "
  for (let i = 0; i < CUTS; i++) {
    await Promise.all([
      anna.page.keyboard.type(words, { delay: 10 }),
      ben.page.keyboard.type(words, { delay: 10 }),
      (async () => {
        await expect(anna.editor).toContainText(`A: ${words.repeat(i)}pack my`)
        anna.network.cut()
      })(),
    ])
    // While cut, what was typed since is nowhere but in Anna's page, and the light must not say otherwise.
    await expect(saveLight(anna)).toHaveText(/^Not saved/)
    await expect([anna, ben]).not.toConverge()
    anna.network.heal()
    await expect(saveLight(anna)).toHaveText("Saved")
  }
  await expect([anna, ben]).toConverge(`A: ${words.repeat(CUTS)}\nB: ${words.repeat(CUTS)}`)
})
