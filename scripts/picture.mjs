// npm run picture: makes docs/images/two-people.png, the README's picture: two real people (browser contexts) writing
// one page on a real server, side by side.
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { chromium } from "@playwright/test"
import { ensureBuilt, ensureChromium, ensureInstalled, ROOT } from "./prepare.mjs"

ensureInstalled()
ensureBuilt()
const target = join(ROOT, "docs/images/two-people.png")
const folder = mkdtempSync(join(tmpdir(), "quire-picture-"))
const server = spawn(
  process.execPath,
  [join(ROOT, "apps/server/dist/main.js"), "serve", "--port", "0", "--data", folder],
  {
    stdio: ["ignore", "pipe", "ignore"],
  },
)
const url = await new Promise((resolve) => {
  server.stdout.on("data", (text) => {
    const match = /http:\S+/.exec(text.toString())
    if (match !== null) resolve(match[0])
  })
})
const browser = await chromium.launch({
  executablePath: ensureChromium(),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
  ],
})
try {
  const ada = await personCalled("Ada", {
    color: "#2474bb",
    viewport: { width: 940, height: 620 },
    deviceScaleFactor: 2,
  })
  const ben = await personCalled("Ben", {
    viewport: { width: 390, height: 620 },
    deviceScaleFactor: 2,
    colorScheme: "dark",
  })
  await write(ada, ben)
  const shots = [await ada.screenshot(), await ben.screenshot()]
  mkdirSync(dirname(target), { recursive: true })
  await frame(shots)
} finally {
  await browser.close()
  server.kill()
  rmSync(folder, { recursive: true, force: true })
}

async function personCalled(name, options) {
  const { color, ...rest } = options
  const context = await browser.newContext({ baseURL: url, ...rest })
  await context.addInitScript(
    ([key, value]) => localStorage.setItem(key, value),
    ["quire.person", JSON.stringify({ name, color })],
  )
  const page = await context.newPage()
  await page.goto("/d/trip")
  await page.getByRole("textbox", { name: "Page text" }).waitFor()
  return page
}

async function write(ada, ben) {
  await ada.getByLabel("Title").fill("A week on the coast")
  const text = ada.getByRole("textbox", { name: "Page text" })
  await text.click()
  await ada.keyboard.press("Control+Alt+2")
  await ada.keyboard.type("What we know")
  await ada.keyboard.press("Enter")
  await ada.keyboard.type("The train leaves on Friday at nine, platform four. ")
  await ada.keyboard.press("Control+b")
  await ada.keyboard.type("Bring a hat.")
  await ada.keyboard.press("Control+b")
  await ada.keyboard.press("Enter")
  await ada.keyboard.press("Control+Alt+2")
  await ada.keyboard.type("What is open")
  await ada.keyboard.press("Enter")
  await ada.keyboard.type("Who asks about the boat? ")
  const open = ben.getByText("Who asks about the boat?")
  await open.click()
  await ben.keyboard.press("End")
  await ben.keyboard.type("I can call them on Mon")
  await ada.getByText("Bring a hat.").click()
  await ada.keyboard.press("End")
  await ada.keyboard.type(" And a good book")
  await ben.reload()
  await ben.getByText("I can call them on Mon").click()
  await ben.keyboard.press("End")
  await ben.keyboard.type("day")
  await ada.keyboard.type(".")
  await ada.getByText("Monday").waitFor()
  for (const page of [ada, ben])
    await page
      .getByRole("status")
      .filter({ hasText: /^Saved$/ })
      .waitFor()
  await ben.getByText("good book.").waitFor()
}

async function frame(shots) {
  const page = await browser.newPage({ viewport: { width: 1450, height: 720 }, deviceScaleFactor: 1.5 })
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString("base64")}">`)
  await page.setContent(`<style>
    body { margin: 0; height: 720px; display: flex; gap: 36px; align-items: center; justify-content: center; background: #e9e6df; }
    img { height: 620px; border-radius: 12px; box-shadow: 0 1px 2px #0003, 0 12px 40px #0003; }
  </style>${images.join("")}`)
  await page.screenshot({ path: target })
}
