import type { BlockJson, DocJson, TextJson } from "@quire/schema"
import * as Y from "yjs"
import { bodyOf } from "./roots.js"

/**
 * A page's content as plain JSON, as ProseMirror would have it. Reading never changes the ydoc, other than the
 * binding, which deletes what it cannot read: what is neither a block nor text is left out, unknown names stay in.
 */
export function bodyJson(ydoc: Y.Doc): DocJson {
  const blocks = bodyOf(ydoc).toArray() as readonly unknown[] // hostile content may hold more than Yjs's types say
  return { type: "doc", content: blocks.filter((block) => block instanceof Y.XmlElement).map(blockJson) }
}

function blockJson(element: Y.XmlElement): BlockJson {
  const attrs = element.getAttributes()
  const content = textRuns(element)
  return {
    type: element.nodeName,
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
    ...(content.length > 0 ? { content } : {}),
  }
}

/** The text of a block. Two texts may stand side by side (two people began at once); they read as one. */
function textRuns(element: Y.XmlElement): TextJson[] {
  const runs: TextJson[] = []
  for (const child of element.toArray() as readonly unknown[]) {
    if (!(child instanceof Y.XmlText)) continue
    for (const part of child.toDelta() as readonly { insert: unknown; attributes?: Record<string, unknown> }[]) {
      if (typeof part.insert === "string") addRun(runs, part.insert, marksOf(part.attributes ?? {}))
    }
  }
  return runs
}

function addRun(runs: TextJson[], text: string, marks: NonNullable<TextJson["marks"]>): void {
  const last = runs.at(-1)
  if (last !== undefined && JSON.stringify(last.marks ?? []) === JSON.stringify(marks)) {
    runs[runs.length - 1] = { ...last, text: last.text + text }
  } else {
    runs.push({ type: "text", text, ...(marks.length > 0 ? { marks } : {}) })
  }
}

/** The marks of a run, by name, so that equal sets compare equal. */
function marksOf(attributes: Record<string, unknown>): NonNullable<TextJson["marks"]> {
  return Object.keys(attributes)
    .sort()
    .map((type) => {
      const attrs = attributes[type]
      return isFilledObject(attrs) ? { type, attrs } : { type }
    })
}

function isFilledObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0
}
