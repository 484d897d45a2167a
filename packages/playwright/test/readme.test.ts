import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

it("the README's complete test is the one that the browser tests run", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const spec = readFileSync(new URL("../../../e2e/readme.spec.ts", import.meta.url), "utf8")
  expect(/^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1]).toBe(spec)
})
