import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findServer } from "../src/find-server.js"

describe("findServer", () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "quire-find-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it("finds the command of the package installed above, wherever its manifest says it is", () => {
    const installed = join(folder, "node_modules", "@quire", "server")
    mkdirSync(installed, { recursive: true })
    mkdirSync(join(folder, "tests", "deep"), { recursive: true })
    writeFileSync(join(installed, "package.json"), JSON.stringify({ bin: { quire: "cli/run.js" } }))
    expect(findServer([join(folder, "tests", "deep")])).toBe(join(installed, "cli", "run.js"))
  })

  it("says what to do where it is not installed", () => {
    expect(() => findServer([folder])).toThrow(
      expect.objectContaining({ code: "QUIRE_SERVER_NOT_INSTALLED", hint: expect.stringContaining("serverUrl") }),
    )
  })

  it("finds this workspace's server", () => {
    expect(findServer()).toMatch(/server[\\/]bin[\\/]quire\.js$/)
  })
})
