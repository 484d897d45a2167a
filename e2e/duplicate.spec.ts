import { expect, saveLight, test } from "./fixtures.js"

test("a connection that reaches the server twice writes nothing twice", async ({ people }) => {
  const [anna, ben] = await people(2)
  await ben.open("twice")
  anna.network.duplicateConnect()
  await anna.open("twice")
  await anna.goTo(0)
  await anna.type("Once only. ")
  await expect([anna, ben]).toConverge("Once only. ")
  // What was typed without a connection goes out over the doubled one as well.
  anna.network.cut()
  await anna.type("Offline. ")
  await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
  anna.network.heal()
  anna.network.duplicateConnect()
  await expect(saveLight(anna)).toHaveText("Saved")
  await ben.goTo(0)
  await ben.type("Ben. ")
  await expect([anna, ben]).toConverge("Once only. Offline. Ben. ")
  await expect(ben.page.getByRole("list", { name: "People here" }).getByRole("listitem")).toHaveCount(1)
})
