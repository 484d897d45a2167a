import type { Page } from "@playwright/test"
import { PLAIN_HOST } from "@quire/playwright"
import { decodeClientMessage, decodeServerMessage } from "@quire/protocol"
import { expect, saveLight, test } from "./fixtures.js"

/** What a page has said and heard on its sockets. */
class Wire {
  /** Content messages sent that were not empty. */
  contentSent = 0
  /** The newest place in the server's log that was told of. */
  sequence = 0

  constructor(page: Page) {
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => this.#sent(payload))
      socket.on("framereceived", ({ payload }) => this.#received(payload))
    })
  }

  #sent(payload: string | Buffer): void {
    if (typeof payload === "string") return
    const message = decodeClientMessage(payload, "native")
    const isContent = message.type === "step2" || message.type === "update"
    if (isContent && message.update.some((byte) => byte !== 0)) this.contentSent++
  }

  #received(payload: string | Buffer): void {
    if (typeof payload === "string") return
    const message = decodeServerMessage(payload)
    if (message?.type === "acknowledge" || message?.type === "durable") {
      this.sequence = Math.max(this.sequence, message.sequence)
    }
  }
}

test("two tabs of one person stay in step without the server, and nothing is doubled with it", async ({ people }) => {
  const [anna, ben] = await people(2)
  const other = await anna.newTab()
  for (const one of [anna, other, ben]) await one.open("tabs")
  await anna.goTo(0)
  await anna.type("First tab. ")
  await expect([anna, other, ben]).toConverge("First tab. ")
  await other.goTo(0)
  await other.type("Second tab. ")
  await expect([anna, other, ben]).toConverge("First tab. Second tab. ")
  anna.network.cut()
  await anna.type("No server. ")
  await expect([anna, other]).toConverge()
  await other.type("Still none. ")
  await expect([anna, other]).toConverge()
  await expect([anna, ben]).not.toConverge()
  for (const tab of [anna, other]) await expect(saveLight(tab)).toHaveText(/^Saved on this device/)
  anna.network.heal()
  for (const tab of [anna, other]) await expect(saveLight(tab)).toHaveText("Saved")
  await expect([anna, other, ben]).toConverge()
  const text = await ben.text()
  for (const part of ["First tab. ", "Second tab. ", "No server. ", "Still none. "])
    expect(text.split(part).length - 1, part).toBe(1)
})

test("two tabs of one person write each key to the server's log once", async ({ people }) => {
  const [anna] = await people(1)
  const other = await anna.newTab()
  const [wire, otherWire] = [new Wire(anna.page), new Wire(other.page)]
  for (const tab of [anna, other]) await tab.open("once")
  await anna.goTo(0)
  await anna.type(".")
  await expect([anna, other]).toConverge(".")
  await expect(saveLight(anna)).toHaveText("Saved")
  const before = wire.sequence
  const otherBefore = otherWire.contentSent
  const words = "each of these keys is one record, or shares one. "
  await anna.type(words)
  await expect([anna, other]).toConverge(`.${words}`)
  await expect(saveLight(anna)).toHaveText("Saved")
  expect(wire.sequence - before).toBeGreaterThan(0)
  expect(wire.sequence - before).toBeLessThanOrEqual(words.length)
  expect(otherWire.contentSent - otherBefore).toBe(0)
  const online = Math.max(wire.sequence, otherWire.sequence)
  anna.network.cut()
  await anna.type("First tab. ")
  await expect([anna, other]).toConverge(`.${words}First tab. `)
  await other.goTo(0)
  await other.type("Second tab. ")
  await expect([anna, other]).toConverge(`.${words}First tab. Second tab. `)
  anna.network.heal()
  for (const tab of [anna, other]) await expect(saveLight(tab)).toHaveText("Saved")
  // Both tabs have both tabs' keys and bring them all: as one record, or each its own part first.
  const records = Math.max(wire.sequence, otherWire.sequence) - online
  expect(records).toBeGreaterThan(0)
  expect(records).toBeLessThanOrEqual(2)
})

test("the tab that wrote is closed without a server, and the other one goes on and brings everything", async ({
  people,
}) => {
  const [anna, ben] = await people(2)
  const other = await anna.newTab()
  for (const one of [anna, other, ben]) await one.open("closed")
  anna.network.cut()
  await anna.goTo(0)
  await anna.type("Closed tab. ")
  await expect([anna, other]).toConverge("Closed tab. ")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 12 edits waiting")
  await anna.page.close()
  await other.goTo(0)
  await other.type("Open tab.")
  await expect(saveLight(other)).toHaveText(/^Saved on this device/)
  await other.page.reload().catch(() => "there is no network, and perhaps no shell yet")
  anna.network.heal()
  await other.open("closed")
  await expect(saveLight(other)).toHaveText("Saved")
  await expect([other, ben]).toConverge("Closed tab. Open tab.")
})

test("two tabs stay in step over plain http at a host name, also without the server", async ({ person }) => {
  const anna = await person("Anna", { baseURL: `http://${PLAIN_HOST}` })
  const other = await anna.newTab()
  for (const tab of [anna, other]) await tab.open("lan-tabs")
  expect(await anna.page.evaluate(() => window.isSecureContext)).toBe(false)
  await anna.goTo(0)
  await anna.type("One. ")
  await expect([anna, other]).toConverge("One. ")
  anna.network.cut()
  await other.goTo(0)
  await other.type("Two. ")
  await expect([anna, other]).toConverge("One. Two. ")
  await expect(saveLight(other)).toHaveText("Saved on this device, 5 edits waiting")
  // Its link leads to what this device knows; only loading a page anew needs the server here.
  await other.page.getByRole("link", { name: "All documents" }).click()
  await expect(other.page.getByText("Offline: the documents this device knows")).toBeVisible()
  await other.page.getByRole("list", { name: "Documents" }).getByRole("link").click()
  await expect(other.editor).toHaveText("One. Two. ")
  anna.network.heal()
  for (const tab of [anna, other]) await expect(saveLight(tab)).toHaveText("Saved")
  await expect([anna, other]).toConverge("One. Two. ")
})
