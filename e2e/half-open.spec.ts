import { expect, saveLight, test } from "./fixtures.js"

test("a line that went silent is noticed by who has unsaved edits, given up, and nothing is lost", async ({
  people,
}) => {
  const [anna, ben] = await people(2)
  await anna.clock.install()
  for (const one of [anna, ben]) await one.open("half-open")
  await anna.goTo(0)
  await anna.type("Before. ")
  await expect([anna, ben]).toConverge("Before. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  anna.network.stall()
  await anna.type("Into the void. ")
  await anna.clock.fastForward(5_000)
  await expect(saveLight(anna)).toHaveText(/^Not saved — the server has not confirmed/)
  // Ten seconds without an answer to an edit: the page gives the line up by itself, though nothing closed it.
  await anna.clock.fastForward(6_000)
  await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
  await ben.goTo(0)
  await ben.type("Meanwhile. ")
  anna.network.heal()
  await anna.clock.fastForward(15_000)
  await expect(saveLight(anna)).toHaveText("Saved")
  await expect([anna, ben]).toConverge(/^Before\. (Into the void\. Meanwhile\. |Meanwhile\. Into the void\. )$/)
})
