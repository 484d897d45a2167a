import type { DocJson } from "./json.js"

/** A page's words without marks, one line a block: for copying, searching and counting. */
export function plainText(doc: DocJson): string {
  return doc.content.map((block) => (block.content ?? []).map((run) => run.text).join("")).join("\n")
}
