import { holdsText } from "@quire/schema"
import * as Y from "yjs"
import { checkBody, childrenOf, storedAttributes } from "./preflight.js"
import { bodyOf } from "./roots.js"

/** A run of a text with its marks, as Yjs tells it and takes it. */
interface TextRun {
  readonly insert: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** Yjs types attributes as strings; it stores any primitive. */
type Block = Y.XmlElement<Record<string, string | number | boolean>>

/**
 * Puts the content of one page into another, in place of what that one holds, as one Yjs transaction: every block with
 * its attributes, its text and its marks. What was deleted stays behind, and who wrote what as well. Blocks get ids of
 * their own, so that nothing that names a block of the one page finds one of the other.
 *
 * @param from is read only. @param to of another document; what it holds is deleted.
 * @param newId makes an id that no other block has.
 * @throws TypeError if `from` does not fit the schema: a part of it would be lost without a word.
 */
export function copyBody(from: Y.Doc, to: Y.Doc, newId: () => string): void {
  const check = checkBody(from)
  if (!check.ok) throw new TypeError(`the body does not fit the schema (${check.misfit.kind}): it cannot be copied`)
  // Before the transaction: what goes wrong here leaves the other page as it was.
  const blocks = childrenOf(bodyOf(from)).map((block) => copyBlock(block as Y.XmlElement, newId)) // as was checked
  const body = bodyOf(to)
  to.transact(() => {
    body.delete(0, body.length)
    body.insert(0, blocks)
  })
}

function copyBlock(block: Y.XmlElement, newId: () => string): Y.XmlElement {
  const copy: Block = new Y.XmlElement(block.nodeName)
  for (const [name, value] of storedAttributes(block)) {
    // As was checked: a primitive of the schema's type, or an empty id.
    if (name !== "id") copy.setAttribute(name, value as string | number | boolean)
  }
  copy.setAttribute("id", newId())
  // Two texts may stand side by side (two people began at once); they read as one.
  if (holdsText(block.nodeName)) copy.insert(0, [copyTexts(childrenOf(block) as readonly Y.XmlText[])])
  return copy as Y.XmlElement
}

function copyTexts(texts: readonly Y.XmlText[]): Y.XmlText {
  const copy = new Y.XmlText()
  copy.applyDelta(texts.flatMap((text) => text.toDelta() as readonly TextRun[]))
  return copy
}
