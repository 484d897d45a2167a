import type { Page } from "@playwright/test"

/** Waits until the app's files are on the device, so that a page can be loaded without a server. */
export async function untilShellIsKept(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
}
