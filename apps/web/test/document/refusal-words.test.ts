import { describe, expect, it } from "vitest"
import { refusalWords, withoutCode } from "../../src/document/refusal-words.js"

describe("refusalWords", () => {
  it.each([
    [4401, "", "You are not signed in any more. Sign in, then reload."],
    [4403, "QUIRE_READ_ONLY: you may read this", /^You may not open .* The server says: you may read this\.$/],
    [4413, "the update is 9 MiB.", /smaller pieces\. The server says: the update is 9 MiB\.$/],
    [4422, "QUIRE_SCHEMA_BEHIND: reload the page", /^This page was written with a newer Quire\..*reload the page\.$/],
    [4422, "QUIRE_NOT_A_PAGE: somebody made this a plain document", /^Another kind of program .* new document\.$/],
    [4403, "QUIRE_FORBIDDEN: there is no such document", /^There is no such document, .* can be copied\.$/],
    [4401, "QUIRE_SIGN_IN: your session has ended", /^You are not signed in any more\..* has ended\.$/],
    [4499, "", "The server closed this document to you."],
    [4499, "QUIRE_NEW", "The server closed this document to you."],
    [4499, "why not", "The server closed this document to you. The server says: why not."],
  ])("says what %i with %j means", (code, reason, words) => {
    if (typeof words === "string") expect(refusalWords(code, reason)).toBe(words)
    else expect(refusalWords(code, reason)).toMatch(words)
    expect(refusalWords(code, reason)).not.toContain("QUIRE_")
  })

  it.each(["constructor", "__proto__", "QUIRE_CONSTRUCTOR: x"])("takes nothing from the name %s", (reason) => {
    expect(refusalWords(4499, reason)).toMatch(/^The server closed this document to you\. The server says: /)
  })
})

describe("withoutCode", () => {
  it.each([
    ["QUIRE_READER_SLOW: this connection reads too slowly", "this connection reads too slowly"],
    ["not connected to the server", "not connected to the server"],
    ["QUIRE_X", ""],
    ["", ""],
  ])("makes of %j %j", (reason, words) => {
    expect(withoutCode(reason)).toBe(words)
  })
})
