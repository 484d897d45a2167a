import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, expect, type Page, test } from "@playwright/test"
import { makeCertificate } from "../apps/server/test/certificate.js"
import { QuireProcess } from "../apps/server/test/quire-process.js"

test("over TLS a page loads and writes; after SIGHUP newcomers get the new certificate and nobody is dropped", async ({
  browser,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "quire-tls-"))
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")]
  const use = async (name: string): Promise<void> => {
    const made = makeCertificate([name, "127.0.0.1"])
    await writeFile(cert, made.cert)
    await writeFile(key, made.key, { mode: 0o600 })
  }
  await use("first.example")
  const args = ["serve", "--port", "0", "--data", join(folder, "data"), "--tls-cert", cert, "--tls-key", key]
  const server = new QuireProcess(args)
  try {
    const address = await server.listening()
    const anna = await visit(browser, `${address}/d/tls`)
    expect(anna.certificate).toBe("first.example")
    await anna.page.locator(".ProseMirror").click()
    await anna.page.keyboard.type("Over TLS. ")
    await expect(anna.page.getByText("Saved", { exact: true })).toBeVisible()
    expect(anna.sockets[0]).toMatch(/^wss:/)

    await use("second.example")
    server.signal("SIGHUP")
    while (!server.log.some(({ event }) => event === "tls.reloaded")) {
      await new Promise<void>((resolve) => {
        const undo = server.subscribe(() => {
          undo()
          resolve()
        })
      })
    }
    const ben = await visit(browser, `${address}/d/tls`)
    expect(ben.certificate).toBe("second.example")
    await expect(ben.page.locator(".ProseMirror")).toContainText("Over TLS.")
    await anna.page.keyboard.type("Still here.")
    await expect(ben.page.locator(".ProseMirror")).toContainText("Still here.")
    expect(anna.sockets).toHaveLength(1)
  } finally {
    await server.kill9()
    await rm(folder, { recursive: true, force: true })
  }
})

/** Somebody new, with connections of their own. */
async function visit(
  browser: Browser,
  url: string,
): Promise<{ readonly page: Page; readonly certificate: string | undefined; readonly sockets: readonly string[] }> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
  const sockets: string[] = []
  page.on("websocket", (socket) => sockets.push(socket.url()))
  const response = await page.goto(url)
  return { page, certificate: (await response?.securityDetails())?.subjectName, sockets }
}
