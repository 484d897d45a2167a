import type { Watch } from "@quire/sync"
import { type Logger, pino } from "pino"
import type { LogLevel } from "../config.js"

/** Values from outside are cut to this many characters in a log line. */
const VALUE_CHARACTERS = 200

/** One event, one structured line on stderr; stdout stays for what people and scripts wait for. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
}

/** The cores' reports as log lines. */
export function watchLines(logger: Logger): Watch {
  return {
    event(event, details) {
      const short = Object.fromEntries(
        Object.entries(details).map(([key, value]) => [
          key,
          typeof value === "string" ? value.slice(0, VALUE_CHARACTERS) : value,
        ]),
      )
      logger.warn({ event, ...short })
    },
  }
}
