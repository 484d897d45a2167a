import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test as base, expect, saveLight } from "./fixtures.js"

/** The server's data folder, which the test may put back to an older copy. */
const test = base.extend<{ readonly dataFolder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
  dataFolder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "quire-e2e-"))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  serverArgs: async ({ dataFolder }, use) => use(["--data", join(dataFolder, "data")]),
})

test("after an old backup was put in place, an open page says so and brings the newer text back", async ({
  person,
  server,
  dataFolder,
}) => {
  const [data, backup] = [join(dataFolder, "data"), join(dataFolder, "backup")]
  const anna = await person("Anna")
  await anna.open("restored")
  await anna.goTo(0)
  await anna.type("In the backup.")
  await expect(saveLight(anna)).toHaveText("Saved")
  await server.stop()
  await cp(data, backup, { recursive: true })
  await server.start()
  await expect(saveLight(anna)).toHaveText("Saved")
  await anna.type(" Written")
  await expect(saveLight(anna)).toHaveText("Saved")
  // Who joins is told what is durable before anything is acknowledged: that is what the page will know.
  await server.restart()
  await anna.type(" since.")
  await expect(saveLight(anna)).toHaveText("Saved")
  await server.stop()
  await rm(data, { recursive: true })
  await cp(backup, data, { recursive: true })
  await server.start()
  const note = anna.page.getByRole("note").filter({ hasText: "older copy of this document" })
  await expect(note).toBeVisible()
  await expect(saveLight(anna)).toHaveText("Saved")
  expect(await anna.text()).toBe("In the backup. Written since.")
  await note.getByRole("button", { name: "Dismiss" }).click()
  await expect(note).toBeHidden()
  await anna.page.context().close()
  const ben = await person("Ben")
  await ben.open("restored")
  expect(await ben.text()).toBe("In the backup. Written since.")
})
