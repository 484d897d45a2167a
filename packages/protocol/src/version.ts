/** The WebSocket subprotocol of Quire's own messages. A client that does not offer it speaks plain y-websocket. */
export const SUBPROTOCOL = "quire.1"

/** What two peers speak: y-websocket's four message types, or these and Quire's own. */
export type Dialect = "plain" | "native"

/** The dialect, from the subprotocols a client offers (in any order; others are ignored). */
export function chooseDialect(offered: Iterable<string>): Dialect {
  for (const name of offered) if (name === SUBPROTOCOL) return "native"
  return "plain"
}
