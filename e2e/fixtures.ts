import { test as base } from "@quire/playwright"

export { expect, saveLight } from "@quire/playwright"

interface Fixtures {
  /** What pages complained about: exceptions, and what the browser logged as an error. */
  readonly complaints: string[]
}

/** The package's `test`, listening to what pages complain about. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
  complaints: async ({}, use) => {
    await use([])
  },
  person: async ({ person, complaints }, use) => {
    await use(async (name, options) => {
      const one = await person(name, options)
      one.page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`))
      one.page.on("console", (message) => {
        // The browser logs a document that nobody has named yet as a failed load; the page expects it.
        const isUnnamed = message.location().url.includes("/api/documents/") && message.text().includes("404")
        if (message.type() === "error" && !isUnnamed) complaints.push(`${name}: ${message.text()}`)
      })
      return one
    })
  },
})
