import * as Y from "yjs"
import { bodyOf } from "./roots.js"

/** The client id that every page's first block is written with. Real clients draw theirs from 2^53, so never meet it. */
export const BIRTH_CLIENT_ID = 1

/** The id of the block that every page is born with. */
export const BIRTH_BLOCK_ID = "birth"

/**
 * The update that every page starts from: one empty paragraph. Because it is the same bytes from everybody, whoever
 * opens a new page first and whoever does so at the same moment write the same thing, and merging it again changes
 * nothing. The bytes are part of the format: a golden test keeps them.
 *
 * The paragraph has its (empty) text from birth. The binding would make the text at the first key; two people who
 * both type into a page just born would then make one each, and the next edit would melt them into one, at the cost of
 * what the other is typing.
 */
export const BIRTH_UPDATE: Uint8Array = makeBirthUpdate()

function makeBirthUpdate(): Uint8Array {
  const ydoc = new Y.Doc()
  ydoc.clientID = BIRTH_CLIENT_ID
  const block = new Y.XmlElement<{ kind: string; level: number; id: string }>("textblock")
  block.setAttribute("kind", "paragraph")
  block.setAttribute("level", 1)
  block.setAttribute("id", BIRTH_BLOCK_ID)
  block.insert(0, [new Y.XmlText()])
  bodyOf(ydoc).insert(0, [block as Y.XmlElement]) // Yjs types attributes as strings; it stores any primitive
  const update = Y.encodeStateAsUpdate(ydoc)
  ydoc.destroy()
  return update
}
