import type { Person } from "@quire/playwright"
import { untilShellIsKept } from "./device.js"
import { expect, saveLight, test } from "./fixtures.js"

/** Ways to leave a page. */
const WAYS = ["reload", "another address", "the link to all documents", "back", "close the tab"] as const

type Way = (typeof WAYS)[number]

/** Presses one more key, and leaves in the very next turn of the page. */
async function pressAndLeave({ page }: Person, way: Way): Promise<void> {
  if (way === "close the tab") {
    const closed = page.waitForEvent("close")
    await page.keyboard.press("!")
    await page.close({ runBeforeUnload: true })
    await closed
    return
  }
  await page.evaluate((chosen) => {
    const leave = (): void => {
      if (chosen === "reload") location.reload()
      else if (chosen === "another address") location.assign("/d/elsewhere")
      else if (chosen === "back") history.back()
      else document.querySelector<HTMLElement>('a[aria-label="All documents"]')?.click()
    }
    addEventListener("keypress", () => setTimeout(leave), { once: true })
  }, way)
  // A link of the app loads nothing; everything else does.
  const left =
    way === "the link to all documents"
      ? page.getByRole("heading", { name: "Documents" }).waitFor()
      : page.waitForEvent("domcontentloaded")
  await page.keyboard.press("!")
  await left
}

for (const isOnline of [true, false]) {
  const state = isOnline ? "with" : "without"
  for (const way of WAYS) {
    test(`leaving right after a key, ${state} a server, loses nothing or asks: ${way}`, async ({ person, server }) => {
      const anna = await person("Anna")
      await anna.page.goto("/")
      await untilShellIsKept(anna.page)
      await anna.open("leaving")
      await anna.goTo(0)
      await anna.type("Typed")
      await expect(saveLight(anna)).toHaveText("Saved")
      if (!isOnline) {
        await server.kill()
        await anna.type(".")
        await expect(saveLight(anna)).toHaveText("Saved on this device, 1 edit waiting")
      }
      const questions: string[] = []
      anna.page.on("dialog", (dialog) => {
        questions.push(dialog.type())
        void dialog.accept()
      })
      await pressAndLeave(anna, way)
      // Nobody is asked who stays in the app: it goes on saving what was left.
      if (way === "the link to all documents") expect(questions).toEqual([])
      if (!isOnline) await server.start()
      const next = await anna.newTab()
      await next.open("leaving")
      await expect(saveLight(next)).toHaveText("Saved")
      const typed = isOnline ? "Typed" : "Typed."
      // After a question that was answered with "leave" the last key may be gone; more may not.
      const isAsked = questions.length > 0
      await expect.poll(() => next.text()).toBe(isAsked && (await next.text()) === typed ? typed : `${typed}!`)
    })
  }
}
