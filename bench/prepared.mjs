// Documents written to each server before anything is measured, through its own door: the update by update history
// that its store then has is its own.
import { createHash } from "node:crypto"
import { cp, mkdir, writeFile } from "node:fs/promises"
import { join as joinPath } from "node:path"
import * as Y from "yjs"
import { start } from "./contestants.mjs"
import { textOf, writeDocument } from "./corpus.mjs"
import { clientFrame } from "./light-socket.mjs"
import { join, many } from "./participant.mjs"
import { whenQuiet } from "./process-cost.mjs"

/** What is prepared: so many documents of that size. */
const KINDS = {
  large: { count: () => 1, sizeBytes: 300_000 },
  // In few updates: what is asked of them later is memory, and five thousand are to be written to each server.
  small: { count: ({ isQuick }) => (isQuick ? 250 : 5_250), sizeBytes: 20_000, updates: 10 },
}
/**
 * A client that has received this share of the state's size has all of it: servers encode and merge in their own ways,
 * but each sends the whole as one message or as a snapshot and what came after. What was received is read in full later.
 */
const SMALLEST_SHARE = 0.75
/** Longer than a server puts its writing off (Hocuspocus: 2 s). */
const WRITTEN_QUIET_MS = 2_500

/** Name of a prepared document. */
export function documentName(kind, index) {
  return `${kind}-${index}`
}

/** The data folders of one run, by server and kind, all below one temporary folder. */
export class Prepared {
  #root
  #isQuick
  #documents = new Map()
  #folders = new Map()
  #copies = 0

  constructor(root, { isQuick }) {
    this.#root = root
    this.#isQuick = isQuick
  }

  /** What `measure` gets beside the server: the document's text and size. */
  document(kind) {
    if (kind === undefined) return undefined
    const known = this.#documents.get(kind)
    if (known !== undefined) return known
    const { sizeBytes, updates } = KINDS[kind]
    const written = writeDocument({ seed: 7, sizeBytes })
    if (updates !== undefined) written.updates = gathered(written.updates, updates)
    const document = { ...written, wholeBytes: Math.floor(written.state.length * SMALLEST_SHARE) }
    this.#documents.set(kind, document)
    return document
  }

  /** Where a fresh server starts: an own copy of the data folder, and for the floor the answer it gives. */
  async place(contestant, kind) {
    const dataFolder = joinPath(this.#root, `data-${++this.#copies}`)
    await mkdir(dataFolder)
    if (kind === undefined) return { dataFolder }
    if (contestant.isFloor) {
      const answerFile = joinPath(dataFolder, "answer")
      await writeFile(answerFile, this.document(kind).state)
      return { dataFolder, answerFile }
    }
    const key = `${contestant.server}/${kind}`
    if (!this.#folders.has(key)) this.#folders.set(key, await this.#write(contestant, kind))
    await cp(this.#folders.get(key), dataFolder, { recursive: true })
    return { dataFolder }
  }

  async #write(contestant, kind) {
    const dataFolder = joinPath(this.#root, `${contestant.server}-${kind}`)
    await mkdir(dataFolder)
    const document = this.document(kind)
    const server = await start(contestant, { dataFolder })
    await many(KINDS[kind].count({ isQuick: this.#isQuick }), async (index) => {
      const name = documentName(kind, index)
      const writer = await join(contestant, server, { name, clientId: 1, onUpdate: () => {} })
      await writer.whenWhole()
      for (const update of document.updates) writer.send(clientFrame(contestant.dialect.update(name, update)))
      // Who comes now has all of it: so the server has taken all of it in.
      await assertTakenIn(contestant, server, { name, document })
      writer.close()
    })
    await whenQuiet(server.pid, WRITTEN_QUIET_MS, 120_000)
    await server.stop()
    return dataFolder
  }
}

/** The same in so many updates. */
function gathered(updates, count) {
  const each = Math.ceil(updates.length / count)
  return Array.from({ length: count }, (_, i) => updates.slice(i * each, (i + 1) * each))
    .filter((some) => some.length > 0)
    .map((some) => Buffer.from(Y.mergeUpdates(some)))
}

/** @throws when somebody has received anything but the document. */
export function assertWhole(readers, document) {
  if (readers.every((reader) => isWhole(reader, document))) return
  throw new Error("a client received another document than was written")
}

/** Of each document, digests of what was received and has its text: most clients receive the same bytes. */
const knownWhole = new WeakMap()

function isWhole({ contents }, document) {
  const digest = createHash("sha1")
  for (const content of contents) digest.update(content)
  const key = digest.digest("hex")
  const known = knownWhole.get(document) ?? new Set()
  if (!known.has(key) && textOf(contents) !== document.text) return false
  knownWhole.set(document, known.add(key))
  return true
}

async function assertTakenIn(contestant, server, { name, document }) {
  const giveUpAt = performance.now() + 60_000
  for (;;) {
    const reader = await join(contestant, server, { name, clientId: 2, expectedBytes: 1 })
    await reader.whenWhole()
    reader.close()
    if (isWhole(reader, document)) return
    if (performance.now() > giveUpAt) throw new Error(`${contestant.title} does not have all of ${name}`)
  }
}
