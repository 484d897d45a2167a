/** First number of a frame. 0 to 3 are y-websocket's; Quire's own start at 100. PROTOCOL.md is the paper. */
export const MessageType = {
  Sync: 0,
  Awareness: 1,
  Auth: 2,
  QueryAwareness: 3,
  Hello: 100,
  Welcome: 101,
  Acknowledge: 102,
  Durable: 103,
  Rights: 104,
  Notice: 105,
  Trouble: 106,
  Token: 107,
  Refused: 108,
} as const

/** Second number of a sync frame. */
export const SyncType = { Step1: 0, Step2: 1, Update: 2 } as const
export type SyncType = (typeof SyncType)[keyof typeof SyncType]
