import { expect, it } from "vitest"
import * as Y from "yjs"
import { walkUpdate, withoutClients } from "../src/index.js"

/** An update of three clients, with a deletion. */
function ofThree(): Uint8Array {
  const ydoc = new Y.Doc()
  for (const client of [5, 2 ** 40, 77]) {
    ydoc.clientID = client
    ydoc.getText("t").insert(0, `by ${client}`)
  }
  ydoc.getText("t").delete(0, 2)
  return Y.encodeStateAsUpdate(ydoc)
}

const clientsOf = (update: Uint8Array): number[] => walkUpdate(update).structs.map(({ client }) => client)

it("leaves out the structs of some clients, and nothing else", () => {
  const update = ofThree()
  const left = withoutClients(update, (client) => client === 77)
  expect(clientsOf(left)).toEqual([2 ** 40, 5])
  expect([...Y.decodeUpdate(left).ds.clients.keys()]).toEqual([...Y.decodeUpdate(update).ds.clients.keys()])
  const ranges = (bytes: Uint8Array): unknown => walkUpdate(bytes).structs.filter(({ client }) => client !== 77)
  expect(ranges(left)).toEqual(ranges(update))
})

it("gives back the same bytes where nothing is left out, and deletions alone where everything is", () => {
  const update = ofThree()
  expect(withoutClients(update, () => false)).toEqual(update)
  expect(clientsOf(withoutClients(update, () => true))).toEqual([])
  expect(withoutClients(Uint8Array.of(0, 0), () => true)).toEqual(Uint8Array.of(0, 0))
})
