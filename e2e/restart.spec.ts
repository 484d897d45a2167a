import { expect, saveLight, test } from "./fixtures.js"

test("the server is killed in the middle of a word, starts again, and nothing is missing", async ({
  person,
  server,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("killed")
  await ben.open("killed")
  await anna.goTo(0)
  await anna.type("Before. ")
  await anna.page.keyboard.press("Enter")
  await anna.type("Second. ")
  await expect([anna, ben]).toConverge(/Second/)
  await ben.goTo(0)
  const words = "these words are typed while the server dies and comes back"
  const typing = Promise.all([
    anna.page.keyboard.type(words, { delay: 25 }),
    ben.page.keyboard.type(words, { delay: 25 }),
  ])
  await expect.poll(() => anna.text()).toContain("these words")
  await server.kill()
  await typing
  for (const one of [anna, ben]) await expect(saveLight(one)).toHaveText(/^Saved on this device/)
  await server.start()
  for (const one of [anna, ben]) await expect(saveLight(one)).toHaveText("Saved")
  await expect([anna, ben]).toConverge(`Before. ${words}\nSecond. ${words}`)
  const carla = await person("Carla")
  await carla.open("killed")
  expect(await carla.text()).toBe(`Before. ${words}\nSecond. ${words}`)
})

test("what said Saved is there for a newcomer after a kill, before anybody who knew it is back", async ({
  person,
  server,
}) => {
  const anna = await person("Anna")
  await anna.open("saved")
  await anna.goTo(0)
  await anna.type("This was saved.")
  await expect(saveLight(anna)).toHaveText("Saved")
  await anna.page.context().close()
  await server.kill()
  await server.start()
  const ben = await person("Ben")
  await ben.open("saved")
  expect(await ben.text()).toBe("This was saved.")
})

test("leaving asks only while something is not saved", async ({ person, server }) => {
  const anna = await person("Anna")
  const dialogs: string[] = []
  anna.page.on("dialog", (dialog) => {
    dialogs.push(dialog.type())
    void dialog.accept()
  })
  // Without a copy on the device, edits that the server does not have are in the open page only.
  await anna.page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: undefined }))
  await anna.open("leaving")
  await anna.goTo(0)
  await anna.type("safe")
  await expect(saveLight(anna)).toHaveText("Saved")
  await anna.page.goto("/")
  await anna.page.goBack()
  await expect(anna.editor).toBeEditable()
  expect(dialogs).toEqual([])
  await anna.goTo(0)
  await server.kill()
  await anna.type(" and not safe")
  await expect(saveLight(anna)).toHaveText(/^Not saved/)
  await anna.page.close({ runBeforeUnload: true })
  await expect.poll(() => dialogs).toEqual(["beforeunload"])
})
