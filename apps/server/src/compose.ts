import { fileURLToPath } from "node:url"
import { BIRTH_UPDATE } from "@quire/document"
import { DocumentLog } from "@quire/storage"
import { MemoryGuard, Rooms, type RoomsClosed } from "@quire/sync"
import type { Logger } from "pino"
import { openTokens, type Tokens } from "./auth/jwt-tokens.js"
import { memberGate } from "./auth/lease.js"
import { createMembers, type Members } from "./auth/members.js"
import { Oidc } from "./auth/oidc.js"
import type { Config } from "./config.js"
import { openGate } from "./guests.js"
import { createApp } from "./http/app.js"
import { createVisitors } from "./http/visitor.js"
import { openLevel } from "./level.js"
import { listen } from "./listen.js"
import { garbageCollector, memoryLimits, memoryReader } from "./memory.js"
import { originRule } from "./origin.js"
import { Owned } from "./owned.js"
import { createEntrance } from "./sockets/entrance.js"
import { Upgrades } from "./sockets/upgrade.js"
import { systemClock, systemRandom } from "./system.js"
import { openCertificates } from "./tls-reload.js"
import { watchLoads } from "./watch/loads.js"
import { watchLines } from "./watch/log-lines.js"
import { MergeWorkers } from "./workers/merging.js"

/** A running server. */
export interface Server {
  /** `http://HOST:PORT`, or `https:` */
  readonly address: string
  /** Reads again what may change while it runs: certificate and keys. What cannot be used is logged, the old stays. */
  reload(): Promise<void>
  /** Where the first account is made, if there is none yet. */
  readonly setUpLink: string | undefined
  /** Stops: what is accepted is written, at most until the deadline; then everything is closed. */
  close(deadline: Promise<void>): Promise<RoomsClosed>
}

/** Well below what a writer notices of "Saved", and enough for a busy store to write many records at once. ADR 0026. */
const BATCH_SPACING_MS = 3

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
      log: watchLoads(log, logger),
      documents: { kindOf: async (document) => (await catalogue.get(document))?.kind },
      merging: workers,
      watch,
      birth: BIRTH_UPDATE,
      returnSpreadMs: (sessions) => entrance.admission.spreadMs(sessions),
    })
    const guard = owned.add(guardMemory(config, rooms, logger))
    const entrance = createEntrance({
      ...config,
      clock: systemClock,
      random: systemRandom,
      pressure: () => guard.pressure,
      isOpen: (document) => rooms.isOpen(document),
    })
    const isAllowed = originRule(config)
    const tokens =
      config.jwtKeysFile === undefined ? undefined : await openTokens(config.jwtKeysFile, systemClock, logger)
    const members = membersOf(config, log, tokens)
    const ports = { clock: systemClock, random: systemRandom }
    const oidc = config.oidc === undefined ? undefined : await Oidc.open(config.oidc, ports)
    const gate = members === undefined ? openGate : memberGate(members)
    const upgrades = owned.add(new Upgrades({ rooms, gate, clock: systemClock, watch }, isAllowed, entrance))
    const app = await createApp({
      log,
      catalogue,
      clock: systemClock,
      random: systemRandom,
      logger,
      isAllowed,
      members,
      oidc,
      visitors: createVisitors(config.trustedProxies),
      frameOrigins: config.frameOrigins,
      renderPage: (updates) => workers.page(updates),
      webFolder: fileURLToPath(new URL("../../web/dist", import.meta.url)),
    })
    const certificates = config.tls === undefined ? undefined : await openCertificates(config.tls, systemClock, logger)
    const front = owned.add(await listen(config, app, upgrades, certificates?.pair))
    return {
      address: front.address,
      reload: async () => {
        await certificates?.reload((pair) => front.useCertificate(pair))
        await tokens?.reload()
      },
      setUpLink: members?.setUp.secret === undefined ? undefined : `${front.address}/setup/${members.setUp.secret}`,
      close: async (deadline) => {
        upgrades.stop()
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

function membersOf(config: Config, log: DocumentLog, tokens: Tokens | undefined): Members | undefined {
  if (config.access === "open") return undefined
  const { directory, catalogue } = log
  return createMembers({
    directory,
    catalogue,
    clock: systemClock,
    random: systemRandom,
    verifyToken: tokens?.verify,
    onKeysChanged: tokens?.onKeysChanged,
    oidcName: config.oidc?.name,
  })
}

function guardMemory(config: Config, rooms: Rooms, logger: Logger): MemoryGuard {
  const changed = (pressure: string, share: number): void => {
    const line = { event: "memory.pressure", pressure, share: Math.round(share * 100) / 100 }
    if (pressure === "none") logger.info(line)
    else logger.warn(line)
  }
  const collectGarbage = garbageCollector(systemClock)
  const relieve = (): void => {
    rooms.relieve()
    collectGarbage()
  }
  const ports = { clock: systemClock, read: memoryReader(), relieve, changed }
  return new MemoryGuard(ports, memoryLimits(config.maxMemoryBytes))
}

async function openLog(config: Config, workers: MergeWorkers, logger: Logger): Promise<DocumentLog> {
  return DocumentLog.open({
    directory: config.dataDir,
    openLevel,
    fold: workers.fold,
    batchSpacingMs: BATCH_SPACING_MS,
    clock: systemClock,
    onReport: (report) => logger.error({ event: "storage.report", ...report }),
  })
}
