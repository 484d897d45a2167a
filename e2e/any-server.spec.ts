import { type App, test as base, expect } from "@quire/playwright"
import { Elsewhere } from "./elsewhere.js"

const app: App = {
  address: (document, syncUrl) => `${syncUrl.replace("ws", "http")}/?room=${document}&server=${syncUrl}`,
  editor: (page) => page.getByRole("textbox", { name: "Notes" }),
  read: (page) => page.getByRole("textbox", { name: "Notes" }).inputValue(),
}

const test = base.extend<{ elsewhere: Elsewhere }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
  elsewhere: async ({}, use) => {
    const elsewhere = await Elsewhere.open()
    await use(elsewhere)
    elsewhere.close()
  },
  serverUrl: async ({ elsewhere }, use) => {
    await use(`ws://${elsewhere.host}`)
  },
})
test.use({ app })

test("a page of somebody else on a y-websocket server of somebody else has the same people and networks", async ({
  people,
  server,
}) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("notes")
  await anna.editor.focus()
  await anna.type("Milk, ")
  await expect([anna, ben]).toConverge("Milk, ")
  anna.network.cut()
  await anna.type("bread, ")
  await expect([anna, ben]).not.toConverge()
  const failure = /Anna \(network cut\): "Milk, bread, ".*Ben: "Milk, ".*First difference: line 1, column 7/s
  await expect(expect([anna, ben]).toConverge(undefined, { timeout: 100 })).rejects.toThrow(failure)
  anna.network.heal()
  await expect([anna, ben]).toConverge("Milk, bread, ")
  await ben.page.close()
  const gone = /Ben \(.*closed\): no text in time/
  await expect(expect([anna, ben]).toConverge(undefined, { timeout: 100 })).rejects.toThrow(gone)
  await expect(server.kill()).rejects.toThrow(/not started by this test/)
})
