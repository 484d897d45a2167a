import type { Page } from "@playwright/test"

/** Waits until the app's files are on the device, so that a page can be loaded without a server. */
export async function untilShellIsKept(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
}

/** The keys of what the device has of a kind; those of `documents` are the names of the documents that have a copy. */
export function keysOf(page: Page, store: "documents" | "waiting"): Promise<readonly unknown[]> {
  return page.evaluate(async (name) => {
    const ask = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const database = await ask(indexedDB.open("quire-copy:guest"))
    const keys = await ask(database.transaction(name).objectStore(name).getAllKeys())
    database.close()
    return keys
  }, store)
}
