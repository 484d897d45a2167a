import type { Status } from "@quire/provider"

/** What the words depend on beside the right. */
export interface RightsFacts {
  /** Whether edits of theirs are on no server. */
  readonly isUnsaved: boolean
  /** Whether they may make documents, so that the text can be kept as one. */
  readonly mayKeep: boolean
}

/** What somebody is told who could write here until now. @param grant what they may do from now on. */
export function rightsWords(grant: NonNullable<Status["grant"]>, { isUnsaved, mayKeep }: RightsFacts): string {
  const now = grant === "comment" ? "read and comment" : "only read"
  const changed = `Your rights were changed: you may ${now} here now.`
  if (!isUnsaved) return `${changed} Everything you wrote is saved.`
  const ways = mayKeep ? "keep it as a new document of your own, or copy it" : "copy it to keep it"
  return `${changed} What you wrote last is not saved and not sent. It stays here until you leave: ${ways}.`
}
