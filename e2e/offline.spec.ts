import type { Locator, Page } from "@playwright/test"
import type { Person } from "@quire/playwright"
import { keysOf, untilShellIsKept } from "./device.js"
import { expect, test } from "./fixtures.js"

const ON_DEVICE = /^Saved on this device, \d+ edits? waiting$/

/** Where the person's edits are, in words. */
function light(page: Page): Locator {
  return page.getByRole("status")
}

/** A page of the server that is not the app: it shares the device's databases, and runs nothing of ours. */
async function pageWithoutApp({ context }: Person): Promise<Page> {
  const page = await context.newPage()
  await page.goto("/api/documents")
  return page
}

/** Puts 509 more copies on the device, all older than what is there; runs in the page. */
async function fillWithCopies(): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("quire-copy:guest")
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const tx = database.transaction(["documents", "updates", "waiting", "uses"], "readwrite")
  // What is there is made the oldest of all.
  const uses = tx.objectStore("uses")
  uses.getAll().onsuccess = ({ target }) => {
    for (const use of (target as IDBRequest<{ document: string }[]>).result) uses.put({ ...use, usedMs: 0 })
  }
  for (let i = 0; i < 509; i++) {
    const document = i === 0 ? "filler-0 waits" : `filler-${i}`
    tx.objectStore("documents").put({ document })
    tx.objectStore("updates").put({ document, update: new Uint8Array([0, 0]), checksum: 1 })
    tx.objectStore("uses").put({ document, usedMs: i + 1, sizeBytes: 2 })
    if (i === 0) tx.objectStore("waiting").put({ document, writer: 1, edits: 1, through: 1 })
  }
  await new Promise((resolve, reject) => {
    tx.oncomplete = resolve
    tx.onabort = () => reject(tx.error)
  })
  database.close()
}

/** How many updates the device keeps, and the point to resume from, if there is one. */
function readCopy(page: Page): Promise<{ updates: number; sequence: number | undefined }> {
  return page.evaluate(async () => {
    const ask = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const database = await ask(indexedDB.open("quire-copy:guest"))
    const tx = database.transaction(["documents", "updates"])
    const updates = await ask(tx.objectStore("updates").count())
    const [known] = (await ask(tx.objectStore("documents").getAll())) as { resume?: { sequence: number } }[]
    database.close()
    return { updates, sequence: known?.resume?.sequence }
  })
}

test("what is typed without a server is on the device, survives a reload, and reaches the others", async ({
  person,
  server,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("offline")
  await ben.open("offline")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Online. ")
  await expect(light(anna.page)).toHaveText("Saved")
  await server.kill()
  await anna.type("Offline.")
  await expect(light(anna.page)).toHaveText("Saved on this device, 8 edits waiting")
  const dialogs: string[] = []
  anna.page.on("dialog", (dialog) => {
    dialogs.push(dialog.type())
    void dialog.accept()
  })
  await anna.page.reload()
  await expect(anna.editor).toBeEditable()
  expect(await anna.text()).toBe("Online. Offline.")
  await expect(light(anna.page)).toHaveText("Saved on this device, 8 edits waiting")
  await anna.page.getByText("Offline.").click()
  await anna.page.keyboard.press("End")
  await anna.type("!!")
  await expect(light(anna.page)).toHaveText("Saved on this device, 10 edits waiting")
  expect(dialogs).toEqual([])
  await server.start()
  await expect(light(anna.page)).toHaveText("Saved")
  for (const one of [anna, ben]) await expect.poll(() => one.text()).toBe("Online. Offline.!!")
  await anna.page.reload()
  await expect(light(anna.page)).toHaveText("Saved")
  expect(await anna.text()).toBe("Online. Offline.!!")
})

test("without a server a known document opens, and an unknown one says so", async ({ person, server }) => {
  const anna = await person("Anna")
  await anna.open("known")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Read me anywhere")
  await expect(light(anna.page)).toHaveText("Saved")
  await server.kill()
  // "Saved" is about the server; that the device has all of it shows without one.
  await anna.type(".")
  await expect(light(anna.page)).toHaveText(ON_DEVICE)
  await anna.page.goto("/d/unknown")
  await expect(anna.page.getByText(/this device has no copy of this document/)).toBeVisible()
  await expect(anna.editor).toHaveCount(0)
  await anna.page.goto("/d/known")
  await expect(anna.editor).toBeEditable()
  expect(await anna.text()).toBe("Read me anywhere.")
  await server.start()
  await expect(light(anna.page)).toHaveText("Saved")
  await expect.poll(() => keysOf(anna.page, "waiting")).toEqual([])
  await server.kill()
  await anna.page.reload()
  await expect(anna.editor).toBeEditable()
  await expect(light(anna.page)).toHaveText("Offline, on this device")
  await server.start()
  await expect(light(anna.page)).toHaveText("Saved")
  await anna.page.goto("/d/unknown")
  await expect(anna.editor).toBeEditable()
})

test("a reload costs the difference, not the document", async ({ person }) => {
  const anna = await person("Anna")
  let received = 0
  anna.page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      received += payload.length
    })
  })
  await anna.open("long")
  await anna.goTo(0)
  await anna.page.keyboard.insertText("All of this is here already. ".repeat(2_000))
  await expect(light(anna.page)).toHaveText("Saved")
  await anna.page.reload()
  await expect(light(anna.page)).toHaveText("Saved")
  await expect.poll(async () => (await readCopy(anna.page)).sequence).toBeGreaterThan(0)
  received = 0
  await anna.page.reload()
  await expect(light(anna.page)).toHaveText("Saved")
  await expect.poll(() => received).toBeGreaterThan(0)
  expect(await anna.text()).toHaveLength("All of this is here already. ".length * 2_000)
  expect(received).toBeLessThan(4_096)
})

test("two tabs of one person share one copy, also without a server, and nothing is doubled", async ({
  person,
  server,
}) => {
  const anna = await person("Anna")
  await anna.open("tabs")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("First. ")
  await expect(light(anna.page)).toHaveText("Saved")
  const other = await anna.page.context().newPage()
  await other.goto("/d/tabs")
  const editor = other.getByRole("textbox", { name: "Page text" })
  await expect(editor).toHaveText("First. ")
  await server.kill()
  await anna.type("Second. ")
  await expect(editor).toHaveText("First. Second. ")
  await editor.click()
  await other.keyboard.press("End")
  await other.keyboard.type("Third.")
  await expect.poll(() => anna.text()).toBe("First. Second. Third.")
  for (const page of [anna.page, other]) await expect(light(page)).toHaveText(ON_DEVICE)
  const typed = "First. Second. Third.".length
  // Both tabs write what both have; what one wrote the other finds there.
  expect((await readCopy(anna.page)).updates).toBeLessThan(1.5 * typed)
  await anna.page.close()
  await other.reload()
  await expect(editor).toHaveText("First. Second. Third.")
  await expect(light(other)).toHaveText("Saved on this device, 14 edits waiting")
  await server.start()
  await expect(light(other)).toHaveText("Saved")
  const ben = await person("Ben")
  await ben.open("tabs")
  expect(await ben.text()).toBe("First. Second. Third.")
})

test("a copy of many keys is kept short", async ({ person, server }) => {
  const anna = await person("Anna")
  await anna.open("keys")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  const words = "0123456789".repeat(26)
  await anna.type(words)
  await expect(light(anna.page)).toHaveText("Saved")
  await expect.poll(async () => (await readCopy(anna.page)).updates).toBeLessThan(200)
  await server.kill()
  await anna.type("!")
  await expect(light(anna.page)).toHaveText(ON_DEVICE)
  await anna.page.reload()
  await expect(anna.editor).toBeEditable()
  expect(await anna.text()).toBe(`${words}!`)
})

test("two people write apart for many keys, one of them frozen meanwhile, and both have everything afterwards", async ({
  people,
}) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("apart")
  await anna.goTo(0)
  await anna.type("A: ")
  await anna.page.keyboard.press("Enter")
  await anna.type("B: ")
  await expect([anna, ben]).toConverge("A: \nB: ")
  anna.network.cut()
  await anna.goTo(0)
  const annas = "the train has no network. ".repeat(20)
  await anna.type(annas)
  await expect(light(anna.page)).toHaveText(`Saved on this device, ${annas.length} edits waiting`)
  // The lid is closed, and opened where there is a network again.
  await anna.freeze()
  await ben.goTo(1)
  const bens = "the office has one. ".repeat(20)
  await ben.type(bens)
  await expect(light(ben.page)).toHaveText("Saved")
  anna.network.heal()
  await anna.thaw()
  await expect(light(anna.page)).toHaveText("Saved")
  await expect([anna, ben]).toConverge(`A: ${annas}\nB: ${bens}`)
})

test("a page that is frozen while others write and its connection breaks loses nothing", async ({ people }) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("frozen")
  await anna.goTo(0)
  await anna.type("Before. ")
  await expect([anna, ben]).toConverge("Before. ")
  await anna.freeze()
  anna.network.cut()
  await ben.goTo(0)
  await ben.type("Meanwhile. ")
  await expect(light(ben.page)).toHaveText("Saved")
  await anna.thaw()
  await anna.type("Thawed. ")
  await expect(light(anna.page)).toHaveText("Saved on this device, 8 edits waiting")
  anna.network.heal()
  await expect([anna, ben]).toConverge(/^Before\. (Meanwhile\. Thawed\. |Thawed\. Meanwhile\. )$/)
  await expect(light(anna.page)).toHaveText("Saved")
})

test("edits are called saved on this device only once their transaction has ended", async ({ person, server }) => {
  const anna = await person("Anna")
  await anna.open("transaction")
  await anna.goTo(0)
  await anna.type("Online. ")
  await expect(light(anna.page)).toHaveText("Saved")
  const holder = await pageWithoutApp(anna)
  // A transaction on the same stores, kept alive by one question after the other: others have to wait for its end.
  await holder.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open("quire-copy:guest")
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const store = database.transaction(["documents", "updates"], "readwrite").objectStore("documents")
    const again = (): void => {
      if ("released" in window) database.close()
      else store.count().onsuccess = again
    }
    await new Promise<void>((resolve) => {
      store.count().onsuccess = () => {
        again()
        resolve()
      }
    })
  })
  await server.kill()
  const said: string[] = []
  await anna.page.exposeFunction("note", (text: string) => said.push(text))
  await anna.page.evaluate(() => {
    const status = document.querySelector(".save-light [role=status]") as Element // the page is open
    const { note } = window as unknown as { note(text: string): void }
    new MutationObserver(() => note(status.textContent ?? "")).observe(status, { subtree: true, characterData: true })
  })
  await anna.type("Offline.")
  await expect(light(anna.page)).toHaveText(/^Not saved/)
  expect(said.filter((text) => text.startsWith("Saved on"))).toEqual([])
  await holder.evaluate(() => void Object.assign(window, { released: true }))
  await expect(light(anna.page)).toHaveText("Saved on this device, 8 edits waiting")
  await server.start()
  await expect(light(anna.page)).toHaveText("Saved")
})

test("of many copies the longest unused go, never one in which edits wait, and one that is open is written anew", async ({
  person,
  server,
}) => {
  const anna = await person("Anna")
  await anna.open("in-use")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("In use. ")
  await expect(light(anna.page)).toHaveText("Saved")
  // What the device knows to wait stays: it hears of "Saved" a moment later.
  await expect.poll(() => keysOf(anna.page, "waiting")).toEqual([])
  // A page in the background that is frozen uses nothing.
  await anna.freeze()
  const next = await anna.newTab()
  await next.open("next")
  await next.goTo(0)
  await next.type("Next.")
  // "Saved" speaks of the server: the copy on the device may follow a moment later.
  await expect.poll(() => keysOf(next.page, "documents")).toContain("next")
  await next.page.evaluate(fillWithCopies)
  await next.page.reload()
  await expect(next.editor).toBeEditable()
  await expect.poll(() => keysOf(next.page, "documents")).not.toContain("in-use")
  const copies = await keysOf(next.page, "documents")
  expect(copies).toHaveLength(500)
  expect(copies).toContain("next")
  expect(copies).toContain("filler-0 waits")
  expect(copies).not.toContain("filler-1")
  await anna.thaw()
  await server.kill()
  await anna.type("Again.")
  await expect(light(anna.page)).toHaveText("Saved on this device, 6 edits waiting")
  await expect(anna.page.getByRole("note")).toHaveCount(0)
  await anna.page.reload()
  await expect(anna.editor).toBeEditable()
  expect(await anna.text()).toBe("In use. Again.")
})

/** Ways in which a browser keeps nothing: run in the page before anything else. */
const FAILURES: Readonly<Record<string, () => void>> = {
  missing: () => Object.defineProperty(window, "indexedDB", { value: undefined }),
  refused: () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("The user denied permission.", "SecurityError")
    }
  },
}

for (const [failure, fail] of Object.entries(FAILURES)) {
  test(`with an IndexedDB that is ${failure}, a banner says so and syncing goes on`, async ({ person, server }) => {
    const [anna, ben] = [await person("Anna"), await person("Ben")]
    const errors: string[] = []
    anna.page.on("pageerror", (error) => errors.push(error.message))
    await anna.page.addInitScript(fail)
    await anna.open("failing")
    await ben.open("failing")
    await anna.goTo(0)
    await anna.type("Still in step.")
    await expect(anna.page.getByRole("note")).toContainText(/cannot keep a copy/)
    await expect(light(anna.page)).toHaveText("Saved")
    for (const one of [anna, ben]) await expect.poll(() => one.text()).toBe("Still in step.")
    await server.kill()
    await anna.type(" Not safe.")
    await expect(light(anna.page)).toHaveText(/^Not saved/)
    await server.start()
    await expect(light(anna.page)).toHaveText("Saved")
    for (const one of [anna, ben]) await expect.poll(() => one.text()).toBe("Still in step. Not safe.")
    expect(errors).toEqual([])
  })
}

test("with an IndexedDB that another page keeps locked, a banner says so, syncing goes on, and the copy comes later", async ({
  person,
  server,
}) => {
  const anna = await person("Anna")
  const holder = await pageWithoutApp(anna)
  // An older layout, kept open by a page that does not give way.
  await holder.evaluate(async () => {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open("quire-copy:guest", 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore("documents", { keyPath: "document" })
        const updates = request.result.createObjectStore("updates", { autoIncrement: true })
        updates.createIndex("document", "document")
        updates.createIndex("content", ["document", "checksum"])
        request.result.createObjectStore("waiting", { keyPath: ["document", "writer"] })
      }
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    Object.assign(window, { database })
  })
  await anna.open("locked")
  await anna.goTo(0)
  await anna.type("Still in step.")
  await expect(anna.page.getByRole("note")).toContainText(/cannot keep a copy/)
  await expect(light(anna.page)).toHaveText("Saved")
  await server.kill()
  await anna.type(" Waiting.")
  await expect(light(anna.page)).toHaveText(/^Not saved/)
  await holder.close()
  // The copy is tried again every 10 s.
  await expect(light(anna.page)).toHaveText("Saved on this device, 9 edits waiting", { timeout: 35_000 })
  await server.start()
  // After so long without a server the next attempt may be 30 s away (`BACKOFF` of the provider).
  await expect(light(anna.page)).toHaveText("Saved", { timeout: 35_000 })
})

test("on a device without room a banner says so, syncing goes on, and the copy is made up for", async ({
  person,
  server,
}) => {
  test.slow()
  const anna = await person("Anna")
  await anna.page.goto("/")
  await untilShellIsKept(anna.page)
  const browser = await anna.page.context().newCDPSession(anna.page)
  const origin = new URL(anna.page.url()).origin
  await browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_024 })
  await anna.open("full")
  await anna.goTo(0)
  await anna.type("Still in step.")
  await expect(anna.page.getByRole("note")).toContainText(/no room/)
  await expect(light(anna.page)).toHaveText("Saved")
  await server.kill()
  await anna.type(" Waiting.")
  await expect(light(anna.page)).toHaveText(/^Not saved/)
  await browser.send("Storage.overrideQuotaForOrigin", { origin })
  // The copy is tried again every 10 s, and the browser takes a while to notice that there is room.
  await expect(light(anna.page)).toHaveText("Saved on this device, 9 edits waiting", { timeout: 35_000 })
  await server.start()
  // After so long without a server the next attempt may be 30 s away (`BACKOFF` of the provider).
  await expect(light(anna.page)).toHaveText("Saved", { timeout: 35_000 })
})

test("a copy that is deleted while it is used is written anew, and a banner says so", async ({ person, server }) => {
  const anna = await person("Anna")
  await anna.open("deleted")
  await untilShellIsKept(anna.page)
  await anna.goTo(0)
  await anna.type("Kept. ")
  await expect(light(anna.page)).toHaveText("Saved")
  await server.kill()
  await anna.type("Waiting.")
  await expect(light(anna.page)).toHaveText(ON_DEVICE)
  await anna.page.evaluate(() => void indexedDB.deleteDatabase("quire-copy:guest"))
  await expect(anna.page.getByRole("note")).toContainText(/was deleted/)
  await expect(light(anna.page)).toHaveText("Saved on this device, 8 edits waiting")
  await server.start()
  await expect(light(anna.page)).toHaveText("Saved")
  await server.kill()
  await anna.page.reload()
  await expect(anna.editor).toBeEditable()
  expect(await anna.text()).toBe("Kept. Waiting.")
})

test("a new build is announced, and the page reloads only when asked", async ({ person, complaints }) => {
  const anna = await person("Anna")
  await anna.open("update")
  await untilShellIsKept(anna.page)
  const announce = (files: string[]): Promise<void> =>
    anna.page.evaluate((list) => {
      const event = new MessageEvent("message", { data: { type: "quire-shell", files: list } })
      navigator.serviceWorker.dispatchEvent(event)
    }, files)
  const own = await anna.page.evaluate(() => document.querySelector<HTMLScriptElement>("script[src]")?.src ?? "")
  await announce(["/", new URL(own).pathname])
  await expect(anna.page.getByText("A new version of Quire is ready.")).toHaveCount(0)
  await announce(["/", "/assets/index-other.js"])
  await expect(anna.page.getByText("A new version of Quire is ready.")).toBeVisible()
  await Promise.all([anna.page.waitForEvent("load"), anna.page.getByRole("button", { name: "Reload" }).click()])
  await expect(anna.editor).toBeEditable()
  await expect(anna.page.getByText("A new version of Quire is ready.")).toHaveCount(0)
  expect(complaints).toEqual([])
})
