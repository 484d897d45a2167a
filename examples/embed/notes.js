// The part of the page that talks to Quire: a plain y-websocket client with a token of the application's.
import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"

/**
 * Opens a document.
 *
 * @param server Quire's `ws://HOST/sync`. @param document its name.
 * @param fetchToken asks the application for `{ token, expiresInSeconds }`.
 * @param more further options of y-websocket, such as WebSocketPolyfill in Node.js.
 */
export async function openNotes(server, document, fetchToken, more = {}) {
  const ydoc = new Y.Doc()
  const params = {}
  let timer
  // y-websocket reads `params` each time it connects, so the next connection has the newest token.
  const renew = async () => {
    const { token, expiresInSeconds } = await fetchToken()
    params.token = token
    timer = setTimeout(() => renew().catch(() => undefined), (expiresInSeconds / 2) * 1_000)
  }
  await renew()
  const provider = new WebsocketProvider(server, document, ydoc, { params, disableBc: true, ...more })
  // When the token on an open connection ends, Quire closes it with 4401: come back with a new one. 4403: you may not.
  provider.on("connection-close", (event) => {
    if (event?.code !== 4401) return
    clearTimeout(timer)
    renew().then(
      () => provider.connect(),
      () => undefined,
    )
  })
  const close = () => {
    clearTimeout(timer)
    provider.destroy()
    ydoc.destroy()
  }
  return { ydoc, text: ydoc.getText("text"), provider, close }
}
