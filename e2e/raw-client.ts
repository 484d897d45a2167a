import type { TestServer } from "@quire/playwright"
import { Provider } from "@quire/provider"
import WebSocket from "ws"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { test as base } from "./fixtures.js"

/** A client without a page: it writes into the ydoc, and says in presence, whatever a test wants. */
export interface RawClient {
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly provider: Provider
  /** Waits until the server has what was written. */
  saved(): Promise<void>
  /** Leaves the document. */
  close(): void
}

interface Fixtures {
  /** Opens a document as an editor that states this version of the schema. It is closed after the test. */
  readonly rawClient: (document: string, schema: number) => Promise<RawClient>
}

export const test = base.extend<Fixtures>({
  rawClient: async ({ server }, use) => {
    const clients: RawClient[] = []
    await use(async (document, schema) => {
      const client = await open(server, document, schema)
      clients.push(client)
      return client
    })
    for (const client of clients) client.close()
  },
})

async function open({ syncUrl }: TestServer, document: string, schema: number): Promise<RawClient> {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  const provider = new Provider({ url: syncUrl, document, ydoc, awareness, schema, WebSocket })
  provider.open()
  await provider.whenSynced({ signal: AbortSignal.timeout(10_000) })
  return {
    ydoc,
    awareness,
    provider,
    saved: () => provider.whenSaved({ signal: AbortSignal.timeout(10_000) }),
    close: () => {
      provider.close()
      awareness.destroy()
      ydoc.destroy()
    },
  }
}
