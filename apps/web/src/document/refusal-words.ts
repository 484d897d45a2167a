/**
 * Why the server will not have us any more, as sentences for the person: what it means and what to do, then the server's
 * own words where they add something.
 *
 * @param code the close code, 4400 to 4499.
 * @param reason the server's words; they may begin with a code of Quire's, `QUIRE_…: `.
 */
export function refusalWords(code: number, reason: string): string {
  const { name, sentence } = readReason(reason)
  const byName = BY_NAME[name]
  if (byName !== undefined) return byName
  const said = sentence === "" ? "" : ` The server says: ${sentence.replace(/\.?$/, ".")}`
  return (BY_CODE[code] ?? "The server closed this document to you.") + said
}

/** The server's words without a code in front: a code is for programs and for reports. */
export function withoutCode(reason: string): string {
  return readReason(reason).sentence
}

function readReason(reason: string): { readonly name: string; readonly sentence: string } {
  const [start = "", name = ""] = /^(QUIRE_[A-Z_]+):?\s*/.exec(reason) ?? []
  return { name, sentence: reason.slice(start.length).trim() }
}

/** Reasons that say more than their close code. */
const BY_NAME: Readonly<Record<string, string>> = {
  QUIRE_CLIENT_ID_FORGED:
    "What you wrote here cannot be saved: somebody else has written in its place. Copy the text, reload, and put back what is missing.",
  QUIRE_CLIENT_ID_TAKEN:
    "Somebody else uses the mark that this tab signs its edits with. Copy the text, then reload to get a new one.",
  QUIRE_FORBIDDEN:
    "There is no such document, or it is not shared with you, or not any more. Ask its owner; what you wrote here can be copied.",
  QUIRE_NOT_A_PAGE:
    "Another kind of program has written this document first, so it is not a page. Copy your text, and put it into a new document.",
}

/** What the close codes of the protocol mean for the person (PROTOCOL.md of the package protocol). */
const BY_CODE: Readonly<Record<number, string>> = {
  4401: "You are not signed in any more. Sign in, then reload.",
  4403: "You may not open this document. Ask its owner to share it with you.",
  4409: "This tab cannot go on. Copy the text, then reload.",
  4413: "What was written is too large for this document. Copy it, reload, and put it back in smaller pieces.",
  4422: "This page was written with a newer Quire. Reload to get it.",
  4426: "This tab runs an older Quire than the server. Reload to get the new one.",
}
