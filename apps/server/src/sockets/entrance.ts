import type { Clock, DocumentId, Random } from "@quire/base"
import { Admission, admissionLimits, type IntakeLimits, type MemoryPressure } from "@quire/sync"
import { Door, type DoorLimits } from "./door.js"
import { Throttle } from "./throttle.js"

/** What stands between a socket and the rooms: how many, how fast, and whether there is memory. */
export interface Entrance {
  readonly door: Door
  readonly admission: Admission
  /** How fast sockets are read from. */
  readonly throttle: Throttle
  /** Addresses of proxies that speak for others, as `countedAddress` writes them. */
  readonly trustedProxies: ReadonlySet<string>
  /** True if memory does not allow another person in this document. */
  isShortOfMemory(document: DocumentId): boolean
  /** When to come back after a lack of memory: another time for each, in milliseconds. */
  memoryRetryMs(): number
  /** When to come back after a restart: another time for each, in milliseconds. */
  returnMs(): number
}

/** What an entrance is made with. */
export interface EntranceSetting extends DoorLimits {
  readonly clock: Clock
  readonly random: Random
  readonly joinsPerSecond: number
  readonly trustedProxies: ReadonlySet<string>
  /** How much one socket may send, if other than the default. */
  readonly intake?: IntakeLimits
  /** How short memory is at the moment. */
  readonly pressure: () => MemoryPressure
  /** True if the document is open, so that another person in it costs little. */
  readonly isOpen: (document: DocumentId) => boolean
}

/** After a lack of memory people come back between one and three times this. */
const MEMORY_RETRY_MS = 5_000
/** After a restart, between this and this more. */
const RETURN_MS = 500
const RETURN_SPREAD_MS = 5_000

/** The entrance of a process. */
export function createEntrance(setting: EntranceSetting): Entrance {
  const { random, pressure } = setting
  return {
    door: new Door(setting),
    admission: new Admission(setting, admissionLimits(setting.joinsPerSecond)),
    throttle: new Throttle(setting.clock, setting.intake),
    trustedProxies: setting.trustedProxies,
    isShortOfMemory: (document) => pressure() === "refusing" || (pressure() === "saving" && !setting.isOpen(document)),
    memoryRetryMs: () => MEMORY_RETRY_MS * (1 + 2 * random.fraction()),
    returnMs: () => RETURN_MS + RETURN_SPREAD_MS * random.fraction(),
  }
}
