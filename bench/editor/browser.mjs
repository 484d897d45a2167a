// The browser of the browser tests, with the same flags.
import { fileURLToPath } from "node:url"
import { chromium } from "@playwright/test"
import { runnerImport } from "vite"

const CONFIG = fileURLToPath(new URL("../../playwright.config.ts", import.meta.url))

/** Starts it. Whoever does closes it. */
export async function launchBrowser() {
  const { module } = await runnerImport(CONFIG)
  const { headless, launchOptions } = module.default.use
  return chromium.launch({ headless, ...launchOptions })
}
