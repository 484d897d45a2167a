/** The largest sizes and counts on the wire. Every number has its error in docs/errors.md. */
export const LIMITS = {
  /** Bytes of one WebSocket message; also the largest document, so that any document fits one sync step 2. */
  frameBytes: 16_777_216,
  /** Bytes of one presence frame from a client. */
  presenceBytes: 65_536,
  /** UTF-16 units of one client's presence state (its JSON). */
  presenceStateBytes: 2_048,
  /** Bytes of a token in a hello. */
  tokenBytes: 4_096,
  /** Bytes of a hello: the longest token, and what is said beside it. Nothing larger is read before. */
  helloBytes: 4_160,
  /** Structs in one update: a whole document of the largest size may come as one sync step 2. */
  updateStructs: 200_000,
  /** Client ids in one update. */
  updateClients: 10_000,
  /** Deletion ranges in one update. */
  updateDeletions: 200_000,
  /** Clocks stay below this (reliability: a forged clock would silence its owner for ever). */
  clock: 2_147_483_648,
  /** Clocks by which one update may carry a client on: more than a document of the largest size has characters. */
  clockAdvance: 16_777_216,
  /** Bytes of one string inside an update: Yjs joins neighbouring text, so a document may come as one string. */
  stringBytes: 16_777_216,
  /** Bytes of a key: root names, map keys, mark names. */
  keyBytes: 1_024,
  /** Nesting of JSON and of lib0's `any` values. */
  jsonDepth: 32,
} as const
