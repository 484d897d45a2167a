import { expect, saveLight, test } from "@quire/playwright"

test("Ben's edits survive a cut connection and a dead server", async ({ people, server }) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("shopping")

  await anna.goTo(0)
  await anna.type("Milk, ")
  await expect([anna, ben]).toConverge("Milk, ")

  ben.network.cut()
  await ben.goTo(0)
  await ben.type("bread, ")
  await expect(saveLight(ben)).toHaveText(/^Saved on this device/)
  await expect([anna, ben]).not.toConverge()

  await server.kill()
  ben.network.heal()
  await server.start()
  await expect([anna, ben]).toConverge("Milk, bread, ")
  for (const one of [anna, ben]) await expect(saveLight(one)).toHaveText("Saved")
})
