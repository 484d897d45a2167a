import { expect, saveLight, test } from "./fixtures.js"

/** A frame that carries content: a sync step 2 or update that is not empty. */
function isContent(frame: string | Buffer): boolean {
  return typeof frame !== "string" && frame[0] === 0 && (frame[1] === 1 || frame[1] === 2) && frame.length > 5
}

test("opening a document writes nothing, be it new or old", async ({ person, server }) => {
  const reader = await person("Reader")
  const sent: Buffer[] = []
  reader.page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      if (isContent(payload)) sent.push(payload as Buffer)
    })
  })
  await reader.open("nobody-wrote-here")
  await expect(saveLight(reader)).toHaveText("Saved")
  const listed = async (): Promise<string[]> => {
    const response = await reader.page.request.get(`${server.url}/api/documents`)
    const { documents } = (await response.json()) as { documents: { id: string }[] }
    return documents.map(({ id }) => id)
  }
  expect(await listed()).toEqual([])
  const writer = await person("Writer")
  await writer.open("written")
  await writer.goTo(0)
  await writer.type("words")
  await expect(saveLight(writer)).toHaveText("Saved")
  sent.length = 0
  await reader.open("written")
  expect(await reader.text()).toBe("words")
  await expect(saveLight(reader)).toHaveText("Saved")
  // What answers the server's question holds no struct: its first content byte, the count of clients, is 0.
  expect(sent.filter((frame) => frame[3] !== 0)).toEqual([])
  expect(await listed()).toEqual(["written"])
})

test("no empty text to write in is shown before the document is there", async ({ person }) => {
  const anna = await person("Anna")
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await anna.page.routeWebSocket(/\/sync\//, (socket) => {
    const server = socket.connectToServer()
    server.onMessage(async (message) => {
      await held
      socket.send(message)
    })
  })
  await anna.page.goto("/d/slow")
  await expect(anna.page.getByText("Opening…")).toBeVisible()
  await expect(anna.editor).toHaveCount(0)
  release()
  await expect(anna.editor).toBeEditable()
})

test("a plain document is listed, and opens to a sentence instead of an editor", async ({ person, server }) => {
  const { default: WebSocket } = await import("ws")
  const { WebsocketProvider } = await import("y-websocket")
  const Y = await import("yjs")
  const ydoc = new Y.Doc()
  const provider = new WebsocketProvider(`${server.url.replace("http", "ws")}/sync`, "drawing", ydoc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket, // ws has what the client uses
    disableBc: true,
  })
  await new Promise((resolve) => provider.once("sync", resolve))
  ydoc.getMap("shapes").set("a", 1)
  const anna = await person("Anna")
  await anna.page.goto("/")
  await expect(async () => {
    await anna.page.reload()
    await expect(anna.page.getByRole("link", { name: /drawing/ })).toBeVisible({ timeout: 1_000 })
  }).toPass()
  provider.destroy()
  await anna.page.getByRole("link", { name: /drawing/ }).click()
  await expect(anna.page.getByText(/not a page/i).first()).toBeVisible()
  await expect(anna.editor).toHaveCount(0)
})
