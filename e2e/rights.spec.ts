import type { WebSocketRoute } from "@playwright/test"
import { expect, saveLight, test } from "./fixtures.js"

/** `rights`, as PROTOCOL.md has it: the grant, and an empty reason. */
const rights = (grant: 0 | 1 | 2): Buffer => Buffer.of(104, grant, 0)

test("whoever loses the right to write while typing keeps the text, is told, and can copy it", async ({
  person,
  complaints,
}) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  const { page } = anna
  let line: WebSocketRoute | undefined
  await page.routeWebSocket(/\/sync\//, (route) => {
    route.connectToServer()
    line = route
  })
  await anna.open("rights")
  await anna.goTo(0)
  await anna.type("Taken. ")
  await expect(saveLight(anna)).toHaveText("Saved")

  line?.send(rights(0))
  const banner = page.getByRole("alert").filter({ hasText: "you may only read here now" })
  await expect(banner).toContainText("Everything you wrote is saved")
  await expect(page.getByText("Read only", { exact: true })).toBeVisible()
  await expect(page.getByText("Taken.")).toBeVisible()

  line?.send(rights(2))
  await expect(banner).toBeHidden()
  await anna.goTo(0)
  await anna.type("More. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  expect(complaints).toEqual([])
})
