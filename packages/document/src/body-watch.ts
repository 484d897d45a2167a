import * as Y from "yjs"
import { originOf } from "./origin.js"
import { type BodyCheck, blockMisfit, checkBody } from "./preflight.js"
import { bodyOf } from "./roots.js"

/**
 * Keeps checking whether a page's body fits the schema: all of it at first, then with each Yjs transaction the blocks it
 * touches. It judges before anybody who observes the ydoc hears of the change, so a binding can ask it and not render
 * what does not fit: rendering would delete it for everybody.
 *
 * The first misfit stands: what somebody deletes again may have left traces that an editor, which did not render it, has
 * not seen. Only another watch, on a page opened anew, looks again.
 */
export class BodyWatch {
  readonly #ydoc: Y.Doc
  readonly #body: Y.XmlFragment
  readonly #listeners = new Set<() => void>()
  #check: BodyCheck

  /** Looks through the whole body once; then it is cheap. Whoever makes it closes it. */
  constructor(ydoc: Y.Doc) {
    this.#ydoc = ydoc
    this.#body = bodyOf(ydoc)
    this.#check = checkBody(ydoc)
    ydoc.on("beforeObserverCalls", this.#look)
  }

  /** What was found so far: the same object until the first misfit, and from then on. */
  readonly getCheck = (): BodyCheck => this.#check

  /** Calls `listener` when the body has ceased to fit: once at most, within the Yjs transaction. Returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Stops watching; the last finding stays. May be called twice. */
  close(): void {
    this.#ydoc.off("beforeObserverCalls", this.#look)
    this.#listeners.clear()
  }

  readonly #look = (transaction: Y.Transaction): void => {
    // What the editor writes is of the schema that it is checked against.
    if (!this.#check.ok || originOf(transaction) === "editor") return
    for (const block of touchedBlocks(transaction, this.#body)) {
      const misfit = blockMisfit(block)
      if (misfit === undefined) continue
      this.#check = { ok: false, misfit }
      for (const listener of [...this.#listeners]) listener()
      return
    }
  }
}

/** The body's children that a Yjs transaction has added, or has changed anything in. */
function touchedBlocks(transaction: Y.Transaction, body: Y.XmlFragment): ReadonlySet<unknown> {
  const touched = new Set<unknown>()
  const changed: ReadonlyMap<unknown, ReadonlySet<unknown>> = transaction.changed
  for (const type of changed.keys()) {
    const block = blockAround(type, body)
    if (block !== undefined) touched.add(block)
  }
  if (changed.get(body)?.has(null) === true) addNewChildren(touched, transaction, body)
  return touched
}

/** The body's child that a type is, or is in; `undefined` for the body itself and for what is elsewhere or deleted. */
function blockAround(type: unknown, body: Y.XmlFragment): unknown {
  let around = type
  while (around instanceof Y.AbstractType) {
    const item: Y.Item | null = around._item
    if (item === null || item.deleted) return undefined
    if (item.parent === body) return around
    around = item.parent
  }
  return undefined
}

/** New structs are the end of each client's list; the body's other children are not looked at. */
function addNewChildren(
  touched: Set<unknown>,
  { afterState, beforeState, doc }: Y.Transaction,
  body: Y.XmlFragment,
): void {
  for (const [client, end] of afterState) {
    const start = beforeState.get(client) ?? 0
    const structs = doc.store.clients.get(client)
    if (start === end || structs === undefined) continue
    for (let index = Y.findIndexSS(structs, start); index < structs.length; index++) {
      const struct = structs[index]
      if (!(struct instanceof Y.Item) || struct.deleted || struct.parent !== body || struct.parentSub !== null) continue
      for (const child of struct.content.getContent()) touched.add(child)
    }
  }
}
