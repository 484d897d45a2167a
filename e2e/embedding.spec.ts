import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"
import type { FrameLocator, Page } from "@playwright/test"
import { test as base, expect } from "./fixtures.js"
import { MEMBERS } from "./members.js"

const SECRET = randomBytes(32).toString("base64url")

/** The example application of docs/embedding.md in a process of its own, and a server that lets it frame the editor. */
const test = base.extend<{ application: string; ports: readonly [server: number, app: number] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright looks at the parameter's shape
  ports: async ({}, use) => use([await unusedPort(), await unusedPort()]),
  serverArgs: async ({ serverArgs, ports }, use, testInfo) => {
    const [port, appPort] = ports
    const key = { kid: "app", alg: "HS256", issuer: "https://app.example", audience: "quire", key: SECRET }
    const keysFile = testInfo.outputPath("keys.json")
    await writeFile(keysFile, JSON.stringify({ keys: [key] }), { mode: 0o600 })
    const framed = ["--jwt-keys", keysFile, "--frame-origin", `http://127.0.0.1:${appPort}`]
    // The last port counts: the application has to know it beforehand.
    await use([...serverArgs, ...MEMBERS, ...framed, "--port", String(port)])
  },
  application: async ({ ports, server }, use, testInfo) => {
    const secretFile = testInfo.outputPath("secret.txt")
    await writeFile(secretFile, SECRET, { mode: 0o600 })
    const child = spawn(process.execPath, [fileURLToPath(new URL("../examples/embed/app.mjs", import.meta.url))], {
      env: {
        ...process.env,
        PORT: String(ports[1]),
        QUIRE_SYNC_URL: server.url.replace(/^http/, "ws").concat("/sync"),
        QUIRE_SECRET_FILE: secretFile,
        QUIRE_TOKEN_SECONDS: "4",
      },
      stdio: ["ignore", "pipe", "inherit"],
    })
    await once(child.stdout, "data")
    await use(`http://127.0.0.1:${ports[1]}`)
    child.kill("SIGKILL")
    await once(child, "exit")
  },
})

/** Opens the application's page as one of its people. */
async function openAs(page: Page, app: string, user: string): Promise<FrameLocator> {
  await page.context().addCookies([{ name: "user", value: user, url: app }])
  await page.goto(`${app}/editor`)
  return page.frameLocator("iframe")
}

const textOf = (frame: FrameLocator) => frame.getByLabel("Page text")

test("people of another application write together in its frames, by new tokens on the same line", async ({
  application: app,
  people,
}) => {
  const [anna, eve, ben] = await people(3)
  let sockets = 0
  let tokens = 0
  anna.page.on("websocket", () => sockets++)
  anna.page.on("request", (request) => {
    if (request.url().endsWith("/quire-token")) tokens++
  })
  const ada = await openAs(anna.page, app, "ada")
  await textOf(ada).click()
  await anna.page.keyboard.type("Written in a frame. ")
  await expect(ada.getByRole("status").filter({ hasText: "Saved" })).toBeVisible()
  await expect(ada.getByRole("link", { name: "All documents" })).toHaveCount(0)
  await expect(ada.getByRole("button", { name: "You are Ada Lovelace. Who is here" })).toBeVisible()

  const evelyn = await openAs(eve.page, app, "eve")
  await expect(textOf(evelyn)).toHaveText("Written in a frame. ")
  await expect(evelyn.getByRole("list", { name: "People here" })).toContainText("Ada Lovelace")
  const reader = await openAs(ben.page, app, "ben")
  await expect(textOf(reader)).toHaveText("Written in a frame. ")
  await expect(reader.getByText("Read only", { exact: true })).toBeVisible()
  await expect(textOf(reader)).toHaveAttribute("contenteditable", "false")

  // Tokens of four seconds: each is followed by another, and the line stays.
  const before = tokens
  await expect.poll(() => tokens, { timeout: 30_000 }).toBeGreaterThan(before + 3)
  await textOf(ada).click()
  await anna.page.keyboard.press("End")
  await anna.page.keyboard.type("And on.")
  await expect(textOf(evelyn)).toHaveText("Written in a frame. And on.")
  await expect(ada.getByRole("status").filter({ hasText: "Saved" })).toBeVisible()
  expect(sockets).toBe(1)
})

test("no other page can frame the editor or send it a token, and nobody else can be told of", async ({
  application: app,
  server,
  people,
}) => {
  const [anna] = await people(1)
  const { page } = anna
  await page.context().addCookies([{ name: "user", value: "ada", url: app.replace("127.0.0.1", "localhost") }])
  await page.goto(`${app.replace("127.0.0.1", "localhost")}/editor`)
  await expect.poll(() => page.frames()[1]?.url()).toBe("chrome-error://chromewebdata/")
  // Not in a frame at all.
  await page.goto(`${server.url}/embed/app/plan`)
  await expect(page.getByText("shows a document within the page of another application")).toBeVisible()
  // Somebody whom the application does not know gets no token, and the frame says what it waits for.
  await page.context().clearCookies()
  await page.goto(`${app}/editor`)
  await expect(page.frameLocator("iframe").getByText("has not said who you are")).toBeVisible()
  // A token that the application did not sign.
  const forged = { quire: 1, kind: "token", token: "a.b.c" }
  await page.evaluate((message) => document.querySelector("iframe")?.contentWindow?.postMessage(message, "*"), forged)
  await expect(page.frameLocator("iframe").getByText("a token that this server does not take")).toBeVisible()
})

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port")
  return address.port
}
