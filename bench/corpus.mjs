// Documents as people make them: several authors, typing in bursts, mostly where they are, now and then elsewhere,
// deleting a little. Made from a seed, so every run and every server has the same bytes.
import * as prng from "lib0/prng"
import * as Y from "yjs"

const AUTHORS = 5
const BURSTS_A_TRANSACTION = 8
const LETTERS = "etaoin shrdlu cmfwyp vbgkqjxz "

/** Name of the Y.Text in every document of the benchmark. */
const ROOT = "body"

/**
 * Writes a document of about `sizeBytes` of Yjs state.
 *
 * @returns its updates in order, its whole state as one update, and its text.
 */
export function writeDocument({ seed, sizeBytes }) {
  const random = prng.create(seed)
  const below = (limit) => prng.uint32(random, 0, limit - 1)
  const ydoc = new Y.Doc({ gc: true })
  const text = ydoc.getText(ROOT)
  const updates = []
  ydoc.on("update", (update) => updates.push(update))
  const cursors = new Array(AUTHORS).fill(0)
  const burst = (author) => {
    if (below(100) < 35) cursors[author] = below(text.length + 1)
    const at = Math.min(cursors[author], text.length)
    if (below(100) < 15 && at > 10) {
      const count = 1 + below(10)
      text.delete(at - count, count)
      cursors[author] = at - count
      return
    }
    const letters = Array.from({ length: 4 + below(30) }, () => LETTERS[below(LETTERS.length)]).join("")
    text.insert(at, letters)
    cursors[author] = at + letters.length
  }
  while (updates.length % 20 !== 1 || Y.encodeStateAsUpdate(ydoc).length < sizeBytes) {
    const author = below(AUTHORS)
    ydoc.clientID = 1_000_001 + author
    ydoc.transact(() => {
      for (let i = 0; i < BURSTS_A_TRANSACTION; i++) burst(author)
    })
  }
  return { updates, state: stateOf(updates), text: text.toString() }
}

/** The updates of somebody who types `count` letters, one at a time, into an empty document. */
export function typeLetters(clientId, count) {
  const ydoc = new Y.Doc()
  ydoc.clientID = clientId
  const text = ydoc.getText(ROOT)
  const updates = []
  ydoc.on("update", (update) => updates.push(update))
  for (let i = 0; i < count; i++) text.insert(i, LETTERS[i % LETTERS.length])
  return updates
}

/** The whole as one update, as a ydoc encodes it that took in the updates from elsewhere. */
function stateOf(updates) {
  const ydoc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(ydoc, update)
  return Y.encodeStateAsUpdate(ydoc)
}

/** The text that somebody has who took in these updates in this order. */
export function textOf(updates) {
  const ydoc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(ydoc, update)
  return ydoc.getText(ROOT).toString()
}
