import { readFileSync } from "node:fs"
import { QuireError } from "@quire/base"
import type { Logger } from "pino"
import { CheckExit, runCheck } from "./check.js"
import { compose, type Server } from "./compose.js"
import { type Config, HELP, readCommand } from "./config.js"
import { DoctorExit, runDoctor } from "./doctor.js"
import { runResetLink } from "./reset-link.js"
import { systemClock, systemRandom } from "./system.js"
import { createLogger } from "./watch/log-lines.js"

/** The process: environment in, signals in, one line out. Nothing else touches `process`. */

/** What is not on disk this long after the first signal is given up, and named. */
const FLUSH_MS = 7_000
/** Whatever happens, the process ends this long after the first signal. */
const STOP_MS = 9_500
/**
 * A runner (npm, a shell's Ctrl-C) may deliver one request to stop twice, through the process group and by hand: a
 * signal this soon after the first is the same one.
 */
const SAME_SIGNAL_MS = 300

const command = readCommand(process.argv.slice(2), process.env)
switch (command.kind) {
  case "help":
    process.stdout.write(`${HELP}\n`)
    break
  case "version":
    process.stdout.write(`${version()}\n`)
    break
  case "wrong":
    for (const problem of command.problems) process.stderr.write(`quire: ${problem}\n`)
    process.exitCode = { doctor: DoctorExit.Unable, check: CheckExit.Wrong }[process.argv[2] ?? ""] ?? 1
    break
  case "check":
    process.exitCode = await runCheck(command, systemClock.now(), (line) => process.stdout.write(`${line}\n`))
    break
  case "doctor":
    process.exitCode = await runDoctor({ ...command, timeMs: Date.now() }, (line) => process.stdout.write(`${line}\n`))
    break
  case "reset-link": {
    const ports = { clock: systemClock, random: systemRandom }
    process.exitCode = await runResetLink(command, ports, (line) => process.stdout.write(`${line}\n`))
    break
  }
  case "serve":
    await serve(command.config)
}

async function serve(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel)
  process.on("uncaughtException", (error) => {
    logger.fatal({ event: "process.uncaught", reason: String(error), stack: error.stack })
    process.exit(1)
  })
  try {
    const server = await compose(config, logger)
    stopOnSignal(server, logger)
    if (config.tls !== undefined || config.jwtKeysFile !== undefined) reloadOnSignal(server, logger)
    process.stdout.write(`Quire is listening on ${server.address}\n`)
    if (server.setUpLink !== undefined) process.stdout.write(`Make the first account at ${server.setUpLink}\n`)
  } catch (error) {
    if (!(error instanceof QuireError)) throw error
    process.stderr.write(
      `quire: ${error.message}.${error.hint === undefined ? "" : ` ${error.hint}`} (${error.code})\n`,
    )
    process.exit(1)
  }
}

/** Without anything to read again SIGHUP keeps its meaning, the terminal's end. */
function reloadOnSignal(server: Server, logger: Logger): void {
  process.on("SIGHUP", () => {
    server.reload().catch((error: unknown) => {
      logger.error({ event: "process.reload-failed", reason: String(error) })
    })
  })
}

function stopOnSignal(server: Server, logger: Logger): void {
  let stoppingSince: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    stoppingSince = performance.now()
    logger.info({ event: "process.stopping", signal })
    setTimeout(() => process.exit(1), STOP_MS).unref()
    stop(server, logger).catch((error: unknown) => {
      logger.fatal({ event: "process.stop-failed", reason: String(error) })
      process.exit(1)
    })
  }
  process.on("SIGTERM", onSignal)
  process.on("SIGINT", onSignal)
}

async function stop(server: Server, logger: Logger): Promise<void> {
  const deadline = new Promise<void>((resolve) => {
    setTimeout(resolve, FLUSH_MS).unref()
  })
  const { unsaved } = await server.close(deadline)
  for (const { document, bytes } of unsaved) {
    logger.error({ event: "process.unsaved", document, bytes, hint: "clients still have these edits" })
  }
  process.exit(unsaved.length === 0 ? 0 : 1)
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8")
  return (JSON.parse(text) as { version: string }).version
}
