import { bodyOf } from "@quire/document"
import type { SeededRandom } from "@quire/testing"
import type * as Y from "yjs"
import { type Block, blocksOf, newBlock, plainText } from "./body.js"
import { boundariesIn, type Tokens, tokensIn } from "./tokens.js"

/** Somebody who edits. */
export interface Author {
  readonly ydoc: Y.Doc
  readonly tokens: Tokens
  readonly random: SeededRandom
  /** A name for a new block, never given before. */
  readonly nextBlock: () => string
  /** The author has written a token. */
  readonly wrote: (token: string) => void
}

type Edit = (author: Author, block: Block) => void

/** Edits by how often they are made. Most of them write: what is deleted or moved says little afterwards. */
const EDITS: readonly (readonly [weight: number, edit: Edit])[] = [
  [60, insert],
  [8, remove],
  [10, format],
  [4, split],
  [2, moveBlock],
  [1, deleteBlock],
  [8, addBlock],
  [7, changeBlock],
]
const TOTAL = EDITS.reduce((sum, [weight]) => sum + weight, 0)

/** One random edit, in one to three Yjs transactions. */
export function edit(author: Author): void {
  const blocks = blocksOf(author.ydoc)
  if (blocks.length === 0) return addBlock(author)
  let choice = author.random.below(TOTAL)
  for (const [weight, make] of EDITS) {
    choice -= weight
    if (choice < 0) return make(author, author.random.pick(blocks))
  }
}

/** Writes a token into a block of its own: an edit that is one whatever the page holds. */
export function addBlock({ ydoc, tokens, random, nextBlock, wrote }: Author): void {
  const id = nextBlock()
  const token = tokens.make(id, random.below(100))
  const body = bodyOf(ydoc)
  body.insert(random.below(body.length + 1), [newBlock(id, [{ insert: token }])])
  wrote(token)
}

function insert({ tokens, random, wrote }: Author, { text, id }: Block): void {
  const token = tokens.make(id, random.below(100))
  const at = random.pick(boundariesIn(plainText(text)))
  const characters = [...token]
  const cut = random.fraction() < 0.3 ? 1 + random.below(characters.length - 1) : characters.length
  const first = characters.slice(0, cut).join("")
  const rest = characters.slice(cut).join("")
  const attributes = random.fraction() < 0.2 ? { strong: {} } : undefined
  if (attributes === undefined) text.insert(at, first)
  else text.insert(at, first, attributes)
  if (rest !== "") text.insert(at + first.length, rest)
  wrote(token)
}

function remove({ tokens, random }: Author, { text }: Block): void {
  const found = place(text, random)
  if (found === undefined) return
  tokens.spoil(found.token)
  text.delete(found.at, found.token.length)
}

function format({ random }: Author, { text }: Block): void {
  const found = place(text, random)
  if (found !== undefined) text.format(found.at, found.token.length, { em: random.fraction() < 0.5 ? {} : null })
}

function split({ ydoc, tokens, random, nextBlock }: Author, { text, index }: Block): void {
  const whole = plainText(text)
  const at = random.pick(boundariesIn(whole))
  for (const token of tokensIn(whole.slice(at))) tokens.spoil(token)
  ydoc.transact(() => {
    const rest = restOf(text, at)
    text.delete(at, text.length - at)
    bodyOf(ydoc).insert(index + 1, [newBlock(nextBlock(), rest)])
  })
}

function moveBlock({ ydoc, tokens, random, nextBlock }: Author, block: Block): void {
  spoilAll(tokens, block)
  ydoc.transact(() => {
    const body = bodyOf(ydoc)
    const delta = restOf(block.text, 0)
    body.delete(block.index, 1)
    body.insert(random.below(body.length + 1), [newBlock(nextBlock(), delta)])
  })
}

function deleteBlock({ ydoc, tokens }: Author, block: Block): void {
  if (bodyOf(ydoc).length < 2) return
  spoilAll(tokens, block)
  bodyOf(ydoc).delete(block.index, 1)
}

function changeBlock({ random }: Author, { element }: Block): void {
  element.setAttribute("kind", random.fraction() < 0.5 ? "heading" : "paragraph")
}

function spoilAll(tokens: Tokens, { id, text }: Block): void {
  tokens.doom(id)
  for (const token of tokensIn(plainText(text))) tokens.spoil(token)
}

function place(text: Y.XmlText, random: SeededRandom): { readonly token: string; readonly at: number } | undefined {
  const whole = plainText(text)
  const tokens = tokensIn(whole)
  if (tokens.length === 0) return undefined
  const token = random.pick(tokens)
  return { token, at: whole.indexOf(token) }
}

/** What stands behind a place, with its marks. */
function restOf(text: Y.XmlText, from: number): unknown[] {
  let at = 0
  const rest: unknown[] = []
  for (const part of text.toDelta() as readonly { readonly insert: string; readonly attributes?: object }[]) {
    const start = Math.max(0, from - at)
    at += part.insert.length
    if (start < part.insert.length) rest.push({ ...part, insert: part.insert.slice(start) })
  }
  return rest
}
