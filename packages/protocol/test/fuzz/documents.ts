import { SeededRandom } from "@quire/testing"
import * as Y from "yjs"

/** Roots of the documents that inputs are made for: one of each shared type. */
export const ROOTS: readonly string[] = ["t", "m", "a", "x"]

/** People who wrote the document; the last one is away and has edits that nobody has seen. */
export const CLIENTS: readonly number[] = [2 ** 40, 7, 2 ** 32 - 1]

/** A document made by random editing, with every update that it took. */
export interface WrittenDocument {
  /** Its state when about half of it was written. */
  readonly state: Uint8Array
  /** Updates of single edits, of several merged, and of everything; some of them about what came later. */
  readonly updates: readonly Uint8Array[]
}

/** Writes a document with every kind of content that Yjs has; the same one for the same seed. */
export function writeDocument(seed: number, edits = 40): WrittenDocument {
  const random = new SeededRandom(seed)
  const updates: Uint8Array[] = []
  const peers = CLIENTS.map((client) => {
    const ydoc = new Y.Doc({ gc: random.below(2) === 0 })
    ydoc.clientID = client
    ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "peer") updates.push(update)
    })
    return ydoc
  })
  const exchange = (): void => {
    for (const to of peers) for (const from of peers) Y.applyUpdate(to, Y.encodeStateAsUpdate(from), "peer")
  }
  for (let i = 0; i < edits; i++) {
    edit(random.pick(peers), random, i)
    if (random.below(4) === 0) exchange()
  }
  exchange()
  const half = new Y.Doc({ gc: false })
  for (const update of updates.slice(0, updates.length / 2)) Y.applyUpdate(half, update)
  const state = Y.encodeStateAsUpdate(half)
  const all = Y.encodeStateAsUpdate(peers[0] as Y.Doc) // there are three
  updates.push(
    Y.mergeUpdates(updates.slice(0, 10)),
    Y.mergeUpdates(updates.slice(5, 25)),
    Y.diffUpdate(all, Y.encodeStateVector(half)),
    all,
  )
  for (const peer of peers) peer.destroy()
  return { state, updates }
}

function edit(ydoc: Y.Doc, random: SeededRandom, number: number): void {
  const ytext = ydoc.getText("t")
  const ymap = ydoc.getMap("m")
  const yarray = ydoc.getArray("a")
  const xml = ydoc.getXmlFragment("x")
  const at = random.below(ytext.length + 1)
  const word = random.pick(["a", "Wort", "🙂", "مرحبا", "e\u0301", `n${number}`])
  switch (random.below(13)) {
    case 0:
    case 1:
    case 2:
      return ytext.insert(at, word)
    case 3:
      if (ytext.length > 0) ytext.delete(random.below(ytext.length), 1)
      return
    case 4:
      return ytext.format(0, Math.min(ytext.length, 3), { bold: number % 2 === 0 ? true : null, size: { px: number } })
    case 5:
      ymap.set(word, [number, word, null, undefined, true, 1.5, -number, { deep: [word] }, new Uint8Array([number])])
      return
    case 6:
      return yarray.insert(0, [word, number, new Uint8Array([1, 2, 3])])
    case 7:
      return ytext.insertEmbed(at, { image: word })
    case 8: {
      const block = new Y.XmlElement("textblock")
      block.setAttribute("kind", "paragraph")
      block.insert(0, [new Y.XmlText(word)])
      // A hook is a child like any other, but Yjs's types do not say so.
      return xml.insert(0, [block, new Y.XmlHook("h") as unknown as Y.XmlElement])
    }
    case 9:
      if (xml.length > 0) xml.delete(random.below(xml.length), 1)
      return
    case 10:
      ymap.set("child", number % 2 === 0 ? new Y.Map() : new Y.Array())
      return
    case 11: {
      const child = ymap.get("child")
      if (child instanceof Y.Map) child.set(word, number)
      if (child instanceof Y.Array) child.insert(0, [word])
      return
    }
    default:
      ymap.set("doc", new Y.Doc({ guid: word, meta: { number } }))
  }
}

/** A ydoc with a state in it. Its client id is nobody's. */
export function openDocument(state: Uint8Array): Y.Doc {
  const ydoc = new Y.Doc({ gc: false })
  ydoc.clientID = 99
  Y.applyUpdate(ydoc, state)
  return ydoc
}

/**
 * Everything a ydoc shows, independent of which types its roots were opened as: for each shared type its items in their
 * order, with id and whether they are deleted, and below them the types in them.
 */
export function shown(ydoc: Y.Doc): string {
  const roots = [...ydoc.share].map(([name, type]) => [name, shownType(type, 0)] as const)
  const written = roots.filter(([, content]) => content !== "[][]")
  return JSON.stringify(written.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What Yjs's shared types have in common. */
interface SharedType {
  readonly _start: Y.Item | null
  readonly _map: ReadonlyMap<string, Y.Item>
}

function shownType(type: SharedType, depth: number): string {
  if (depth > 100) return "deeper"
  const list: string[] = []
  // Marks show on what follows them. Yjs removes those without effect when it likes, so they are not listed themselves.
  const marks = new Map<string, unknown>()
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentFormat) {
      if (item.content.value === null) marks.delete(item.content.key)
      else marks.set(item.content.key, item.content.value)
    } else list.push(shownItem(item, depth, marks.size === 0 ? "" : JSON.stringify([...marks].sort())))
  }
  const entries = [...type._map].filter(([, item]) => !item.deleted).sort(([a], [b]) => (a < b ? -1 : 1))
  return `[${list.join(",")}][${entries.map(([key, item]) => `${key}:${shownEntry(item, depth)}`).join(",")}]`
}

/** A map's entry: its value is the last one of its item. */
function shownEntry(item: Y.Item, depth: number): string {
  const last = `${item.lastId.client}.${item.lastId.clock}`
  return item.content instanceof Y.ContentType ? `${last}${shownType(item.content.type, depth + 1)}` : last
}

/** An item by each of its clocks: neighbours may be joined in one ydoc and apart in another. */
function shownItem(item: Y.Item, depth: number, marks: string): string {
  const { client, clock } = item.id
  const clocks = Array.from({ length: item.length }, (_, i) => `${client}.${clock + i}${marks}`).join(",")
  const { content } = item
  return content instanceof Y.ContentType ? `${clocks}${shownType(content.type, depth + 1)}` : clocks
}

/**
 * True if an update in a ydoc has an item between two neighbours that never stood side by side, for whoever made it: the
 * right one stands left of the left one, or was itself put behind something that stands further right. Where such an
 * item comes to stand depends on what else is there when it is read.
 */
export function isImpossible(ydoc: Y.Doc, update: Uint8Array): boolean {
  return Y.decodeUpdate(update).structs.some((struct) => {
    if (!(struct instanceof Y.Item) || struct.rightOrigin === null) return false
    const right = find(ydoc, struct.rightOrigin)
    const left = struct.origin === null ? null : find(ydoc, struct.origin)
    if (right === undefined || left === undefined || !isRightOf(right, left)) return true
    const before = right.origin === null ? null : find(ydoc, right.origin)
    return before === undefined || (before !== null && before !== left && !(left !== null && isRightOf(left, before)))
  })
}

/** @param left `null` for the beginning of a list. */
function isRightOf(right: Y.Item, left: Y.Item | null): boolean {
  if (left === null) return true
  for (let item = left.right; item !== null; item = item.right) if (item === right) return true
  return false
}

function find(ydoc: Y.Doc, { client, clock }: Y.ID): Y.Item | undefined {
  const struct = ydoc.store.clients
    .get(client)
    ?.find(({ id, length }) => id.clock <= clock && clock < id.clock + length)
  return struct instanceof Y.Item ? struct : undefined
}
