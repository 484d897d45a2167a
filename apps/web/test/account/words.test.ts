import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { agentWords } from "../../src/account/agent-words.js"
import { checkEmail, checkName, checkNewPassword, PASSWORD_MAX } from "../../src/account/checks.js"
import { hasChosenName } from "../../src/account/guest-name.js"
import { providerProblem } from "../../src/account/provider-problem.js"
import { linkWords } from "../../src/share/link-words.js"
import { wrongFields } from "../../src/ui/use-form.js"

const MOZILLA = "Mozilla/5.0"

describe("agentWords", () => {
  it.each([
    [`${MOZILLA} (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0`, "Firefox on Linux"],
    [
      `${MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0`,
      "Edge on Windows",
    ],
    [`${MOZILLA} (Macintosh; Intel Mac OS X 14) AppleWebKit/605.1 Version/17.5 Safari/605.1`, "Safari on macOS"],
    [`${MOZILLA} (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/128.0 Mobile Safari/604.1`, "Chrome on iOS"],
    [`${MOZILLA} (Linux; Android 14) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36`, "Chrome on Android"],
    ["curl/8.5", "A browser"],
    ["", "A browser"],
  ])("says of %s: %s", (agent, words) => {
    expect(agentWords(agent)).toBe(words)
  })
})

describe("providerProblem", () => {
  it("has a sentence of its own for each code that docs/errors.md lists, and never repeats what the address says", () => {
    const errors = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8")
    const codes = [...errors.matchAll(/^\| `(QUIRE_OIDC_\w+)`/gm)].map(([, code]) => code)
    expect(codes.length).toBeGreaterThanOrEqual(7)
    const sentences = [...codes, "QUIRE_DIRECTORY_FULL", "<b>You won</b>"].map((code) =>
      providerProblem(`?problem=${code}`),
    )
    expect(new Set(sentences).size).toBe(sentences.length)
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^<>]+[.]$/)
    expect(providerProblem("?to=%2Fd%2Fplan")).toBeUndefined()
  })
})

describe("checks", () => {
  it("say what is wrong, field by field, and nothing of what is right", () => {
    const checks = { name: checkName, email: checkEmail, password: checkNewPassword }
    const right = { name: "Anna", email: " anna@example.org ", password: "a few words" }
    expect(wrongFields(right, checks)).toEqual({})
    expect(Object.keys(wrongFields({ name: " ", email: "", password: "short" }, checks))).toEqual(Object.keys(checks))
  })

  it.each(["anna", "anna@", "@example.org", "a b@example.org", "a@b@c"])("know that %s is no address", (text) => {
    expect(checkEmail(text)).toBe("That is no e-mail address.")
  })

  it("count a password's characters, not its bytes", () => {
    expect(checkNewPassword("🔑".repeat(9))).toMatch(/At least 10/)
    expect(checkNewPassword("🔑".repeat(10))).toBeUndefined()
    expect(checkNewPassword("x".repeat(PASSWORD_MAX))).toBeUndefined()
    expect(checkNewPassword("x".repeat(PASSWORD_MAX + 1))).toMatch(/At most/)
  })

  it("tell a name that a guest has chosen from one that the device gave", () => {
    expect([hasChosenName("Guest Otter"), hasChosenName("Otto")]).toEqual([false, true])
  })
})

describe("linkWords", () => {
  const link = {
    id: "1",
    role: "viewer",
    hasPassword: false,
    expiresMs: undefined,
    maxViews: undefined,
    views: 0,
    createdMs: 0,
  } as const

  it.each([
    [{}, "without a password, for ever, not opened yet"],
    [{ hasPassword: true, views: 1 }, "with a password, for ever, opened 1 time"],
    [{ views: 7 }, "without a password, for ever, opened 7 times"],
    [{ maxViews: 3, views: 2 }, "without a password, for ever, opened 2 of 3 times"],
    [{ maxViews: 3, views: 3 }, "without a password, for ever, used up"],
    [{ expiresMs: 999 }, "without a password, expired, not opened yet"],
  ])("say of %j: %s", (fields, words) => {
    expect(linkWords({ ...link, ...fields }, 1_000)).toBe(words)
  })

  it("name the day on which it ends", () => {
    const words = linkWords({ ...link, expiresMs: Date.UTC(2030, 5, 15) }, 1_000)
    expect(words).toMatch(/until .*2030/)
  })
})
