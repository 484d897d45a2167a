import { fileURLToPath } from "node:url"
import { asUserId } from "@quire/base"
import { BIRTH_UPDATE } from "@quire/document"
import { DocumentLog } from "@quire/storage"
import { type Gate, Rooms, type RoomsClosed } from "@quire/sync"
import { Level } from "level"
import type { Logger } from "pino"
import type { Config } from "./config.js"
import { createApp } from "./http/app.js"
import { listen } from "./listen.js"
import { originRule } from "./origin.js"
import { Owned } from "./owned.js"
import { Upgrades } from "./sockets/upgrade.js"
import { systemClock, systemRandom } from "./system.js"
import { watchLines } from "./watch/log-lines.js"
import { MergeWorkers } from "./workers/merging.js"

/** A running server. */
export interface Server {
  /** `http://HOST:PORT` */
  readonly address: string
  /** Stops: what is accepted is written, at most until the deadline; then everything is closed. */
  close(deadline: Promise<void>): Promise<RoomsClosed>
}

/** Well below what a writer notices of "Saved", and enough for a busy store to write many records at once. ADR 0099. */
const BATCH_SPACING_MS = 3

/** In open mode everybody may write. Access rules come with accounts. */
const openGate: Gate = async () => ({ ok: true, user: asUserId("guest"), rights: "write" })

/**
 * Opens everything in order, owns it, and closes it in reverse.
 *
 * @throws QuireError, with a sentence for the operator, when something cannot be opened; nothing is left open then.
 */
export async function compose(config: Config, logger: Logger): Promise<Server> {
  const owned = new Owned()
  try {
    const workers = owned.add(new MergeWorkers())
    const log = owned.add(await openLog(config, workers, logger))
    const watch = watchLines(logger)
    const { catalogue } = log
    const rooms = new Rooms({
      clock: systemClock,
      random: systemRandom,
      log,
      documents: { kindOf: async (document) => (await catalogue.get(document))?.kind },
      merging: workers,
      watch,
      birth: BIRTH_UPDATE,
    })
    const isAllowed = originRule(config)
    const upgrades = owned.add(new Upgrades({ rooms, gate: openGate, clock: systemClock, watch }, isAllowed))
    const app = await createApp({
      log,
      catalogue,
      clock: systemClock,
      random: systemRandom,
      logger,
      isAllowed,
      webFolder: fileURLToPath(new URL("../../web/dist", import.meta.url)),
    })
    const front = owned.add(await listen(config, app, upgrades))
    return {
      address: front.address,
      close: async (deadline) => {
        const closed = await rooms.close(deadline)
        await owned.closeInReverse()
        return closed
      },
    }
  } catch (error) {
    await owned.closeInReverse()
    throw error
  }
}

async function openLog(config: Config, workers: MergeWorkers, logger: Logger): Promise<DocumentLog> {
  return DocumentLog.open({
    directory: config.dataDir,
    openLevel: async (path) => {
      const level = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" })
      await level.open()
      return level
    },
    fold: workers.fold,
    batchSpacingMs: BATCH_SPACING_MS,
    clock: systemClock,
    onReport: (report) => logger.error({ event: "storage.report", ...report }),
  })
}
