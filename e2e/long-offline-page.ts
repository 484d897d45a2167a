import { bodyOf } from "@quire/document"
import { IndexedDbCopies, Provider, type Status } from "@quire/provider"
import * as Y from "yjs"

/*
 * Writes a device copy as weeks without a server make it, with the provider itself: a session a day, each with a ydoc
 * and client id of its own, one transaction a key. `long-offline.spec.ts` bundles it and runs it in the app's origin.
 */

/** A block takes about so many keys before the next one is begun. */
const KEYS_IN_A_BLOCK = 200

export interface OfflineWeeks {
  readonly document: string
  readonly days: number
  readonly keysADay: number
}

async function writeOffline({ document, days, keysADay }: OfflineWeeks): Promise<number> {
  const copies = new IndexedDbCopies("guest")
  let edits = 0
  for (let day = 0; day < days; day++) {
    const ydoc = new Y.Doc()
    const url = `ws://${location.host}/sync`
    const provider = new Provider({ url, document, ydoc, deviceCopy: copies.of(document), channel: false })
    provider.open()
    await until(provider, ({ isReadable }) => isReadable)
    for (let key = 0; key < keysADay; key++) {
      ydoc.transact(() => press(ydoc, day * keysADay + key))
      if (key % 50 === 0) await turn()
    }
    const { save } = await until(provider, ({ save: { kind } }) => kind === "on-device")
    edits = "edits" in save ? save.edits : 0
    provider.close()
    ydoc.destroy()
  }
  return edits
}

/** Mostly on at the end; one key in ten deletes the last one, one in twenty goes somewhere earlier. */
function press(ydoc: Y.Doc, key: number): void {
  const body = bodyOf(ydoc)
  if (key % KEYS_IN_A_BLOCK === KEYS_IN_A_BLOCK - 1) {
    const block = new Y.XmlElement<{ kind: string; level: number; id: string }>("textblock")
    block.setAttribute("kind", "paragraph")
    block.setAttribute("level", 1)
    block.setAttribute("id", `block-${key}`)
    block.insert(0, [new Y.XmlText()])
    body.push([block as Y.XmlElement]) // Yjs types attributes as strings; it stores any primitive
    return
  }
  const isElsewhere = key % 20 === 7
  const index = isElsewhere ? (key * 7919) % body.length : body.length - 1
  const block = body.get(index) as Y.XmlElement // every child of a page's body is a block
  const text = block.get(0) as Y.XmlText // and every block here was made with a text
  const place = isElsewhere ? (key * 104_729) % (text.length + 1) : text.length
  if (key % 10 === 3 && place > 0) text.delete(place - 1, 1)
  else text.insert(place, "abcdefghijklmnopqrstuvwxyz "[key % 27] ?? "")
}

function until(provider: Provider, isMet: (status: Status) => boolean): Promise<Status> {
  return new Promise((resolve) => {
    const look = (): void => {
      const status = provider.getStatus()
      if (!isMet(status)) return
      stop()
      resolve(status)
    }
    const stop = provider.subscribe(look)
    look()
  })
}

/** Lets the browser do what it has to between two keys. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

Object.assign(window, { writeOffline })
