/** Sizes and times of a room, with their reasons. */
export interface RoomLimits {
  /** Bytes of a document (its snapshot and what follows it): any of it must fit into one message to a joiner. */
  readonly documentBytes: number
  /** Bytes accepted and not on disk: beyond it the room stops reading from writers, who keep their edits. */
  readonly unsavedBytes: number
  /** Bytes of newest updates kept in memory to answer readers who are a little behind. */
  readonly recentBytes: number
  /** Queued bytes at a reader beyond which it gets no presence. */
  readonly quietBytes: number
  /** Queued bytes at a reader beyond which it gets one later difference instead of each update. */
  readonly behindBytes: number
  /** Queued bytes at a reader beyond which it is closed (1013): it comes back and catches up. */
  readonly dropBytes: number
  /** How long a reader may stay behind before it is closed. */
  readonly dropMs: number
  /** Flushes of a busy room are at least this far apart; a room that sends less often is never delayed. */
  readonly flushMs: number
  /** They are further apart by the number of readers: this long for each. */
  readonly flushPerReaderMs: number
  /** But never further than this. */
  readonly flushLongestMs: number
  /** How long a busy room's flush waits for the commit of what it holds. */
  readonly commitWaitMs: number
  /** Presence of one room leaves at most this often. */
  readonly presenceMs: number
  /** How often "durable" is sent when nothing else is. */
  readonly durableMs: number
  /** An application frame at least this often: y-websocket 3 reconnects after 30 s without one. */
  readonly keepAliveMs: number
  /** A step 1 that lacks part of a snapshot of at least this size is answered with a computed difference. */
  readonly differenceBytes: number
  /** Bytes of updates kept that build on something nobody has sent. */
  readonly quarantineBytes: number
  /** Sessions in one room: the next one is asked to come back (1013). */
  readonly sessions: number
  /** Sessions of one person, in all rooms of the process. Who is nobody in particular is not counted. */
  readonly sessionsPerUser: number
}

/** The defaults: DESIGN's numbers; docs/limits.md explains them to operators. */
export const ROOM_LIMITS: RoomLimits = {
  documentBytes: 16_776_192,
  unsavedBytes: 8_388_608,
  recentBytes: 262_144,
  quietBytes: 1_048_576,
  behindBytes: 2_097_152,
  dropBytes: 4_194_304,
  dropMs: 30_000,
  flushMs: 15,
  flushPerReaderMs: 0.15,
  flushLongestMs: 100,
  commitWaitMs: 5,
  presenceMs: 40,
  durableMs: 1_000,
  keepAliveMs: 20_000,
  differenceBytes: 65_536,
  quarantineBytes: 262_144,
  sessions: 2_000,
  sessionsPerUser: 100,
}
