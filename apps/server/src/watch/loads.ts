import type { Log } from "@quire/sync"
import type { Logger } from "pino"

/** A log that tells each load of a document at level `debug`: how often a crowd made the disk read. */
export function watchLoads(log: Log, logger: Logger): Log {
  if (!logger.isLevelEnabled("debug")) return log
  return {
    load: (document) => {
      logger.debug({ event: "document.load", document })
      return log.load(document)
    },
    record: (document, sequence) => log.record(document, sequence),
    read: (document, after) => log.read(document, after),
    append: (document, record, origin) => log.append(document, record, origin),
    getHealth: () => log.getHealth(),
    subscribe: (listener) => log.subscribe(listener),
  }
}
