import type { Status } from "@quire/provider"

/**
 * What somebody is told who could write here until now.
 *
 * @param grant what they may do from now on. @param isUnsaved whether edits of theirs are on no server.
 */
export function rightsWords(grant: NonNullable<Status["grant"]>, isUnsaved: boolean): string {
  const now = grant === "comment" ? "read and comment" : "only read"
  const changed = `Your rights were changed: you may ${now} here now.`
  if (!isUnsaved) return `${changed} Everything you wrote is saved.`
  return `${changed} What you wrote last is not saved and not sent. It stays here until you leave: copy it to keep it.`
}
