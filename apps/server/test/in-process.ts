import { createServer } from "node:http"
import type { Socket } from "node:net"
import { BIRTH_UPDATE, differenceFrom, mergeUpdates, separateUpdate } from "@quire/document"
import { DocumentLog, type Fold, type OpenLevel, type Operation, type WriteOptions } from "@quire/storage"
import { Rooms } from "@quire/sync"
import { Level } from "level"
import { openGate } from "../src/guests.js"
import { createEntrance, type EntranceSetting } from "../src/sockets/entrance.js"
import { Upgrades } from "../src/sockets/upgrade.js"
import { systemClock, systemRandom } from "../src/system.js"
import { runJob } from "../src/workers/run-job.js"
import { hurriedClock } from "./harness.js"

/** A disk whose writes fail when the test says so, below a real LevelDB. */
export class FaultyDisk {
  /** Batches asked for so far, refused ones included. */
  batches = 0
  /** Batches refused so far. */
  refusals = 0
  /** Decides about the n-th batch, counted from 1. */
  isRefused: (n: number) => boolean = () => false

  /**
   * Opens a level. After a refused batch it is as treacherous as LevelDB is after a torn write: it says that it wrote
   * what follows, and has not.
   */
  readonly openLevel: OpenLevel = async (path) => {
    const level = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" })
    await level.open()
    const write = level.batch.bind(level)
    let isTorn = false
    const value = async (operations: Operation[], options: WriteOptions): Promise<void> => {
      if (this.isRefused(++this.batches)) {
        this.refusals++
        isTorn = true
        throw new Error("IO error: 000003.log: No space left on device")
      }
      if (!isTorn) await write(operations, options)
    }
    return Object.defineProperty(level, "batch", { value })
  }
}

/** The server's sockets, rooms and log in this process, where its disk can be made to fail. */
export class InProcessServer {
  /** The log at its end. */
  readonly log: DocumentLog
  /** The address for providers. */
  readonly sync: string
  /** Its TCP port. */
  readonly port: number
  readonly #sockets: ReadonlySet<Socket>
  readonly #close: () => Promise<void>

  private constructor(log: DocumentLog, port: number, sockets: ReadonlySet<Socket>, close: () => Promise<void>) {
    this.log = log
    this.port = port
    this.#sockets = sockets
    this.sync = `ws://127.0.0.1:${port}/sync`
    this.#close = close
  }

  /** Starts it; whoever calls closes it. */
  static async start(
    directory: string,
    port: number,
    disk: FaultyDisk,
    options: Partial<EntranceSetting> = {},
  ): Promise<InProcessServer> {
    const clock = options.clock ?? systemClock
    const log = await DocumentLog.open({
      directory,
      openLevel: disk.openLevel,
      fold,
      // Its waits between attempts to write again: shorter ones only end sooner.
      clock: hurriedClock(20),
      onReport: (report) => {
        throw new Error(`nothing is to be reported here: ${JSON.stringify(report)}`)
      },
    })
    const watch = { event: () => undefined }
    const rooms = new Rooms({
      clock,
      random: systemRandom,
      log,
      documents: { kindOf: async (document) => (await log.catalogue.get(document))?.kind },
      merging: {
        merge: async (updates) => mergeUpdates(updates),
        difference: async (update, vector) => differenceFrom(update, vector),
        separate: async (base, update) => separateUpdate(base, update),
      },
      watch,
      birth: BIRTH_UPDATE,
    })
    const entrance = createEntrance({
      clock,
      random: systemRandom,
      maxConnections: 1_000,
      maxConnectionsPerAddress: 0,
      trustedProxies: new Set(),
      joinsPerSecond: 500,
      pressure: () => "none",
      isOpen: (document) => rooms.isOpen(document),
      ...options,
    })
    const upgrades = new Upgrades({ rooms, gate: openGate, clock, watch }, () => true, entrance)
    const front = createServer()
    front.on("upgrade", (request, socket, head) => upgrades.handle(request, socket, head))
    await new Promise<void>((resolve) => front.listen(port, "127.0.0.1", resolve))
    const sockets = new Set<Socket>()
    front.on("connection", (socket: Socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    })
    return new InProcessServer(log, port, sockets, async () => {
      upgrades.close()
      await new Promise<void>((resolve) => {
        front.close(() => resolve())
        front.closeAllConnections()
      })
      await rooms.close(Promise.resolve())
      await log.close()
    })
  }

  /** How many connections it has. */
  get connections(): number {
    return this.#sockets.size
  }

  /** The most bytes that it holds for one reader, now. */
  get longestQueueBytes(): number {
    return Math.max(0, ...[...this.#sockets].map(({ writableLength }) => writableLength))
  }

  /** Cuts everybody off and gives up what is not written, as a crash would. Idempotent. */
  async close(): Promise<void> {
    await this.#close()
  }
}

const fold: Fold = async ({ kind, snapshot, records }) =>
  runJob({ kind: "fold", documentKind: kind, snapshot: snapshot?.update, records }) as Awaited<ReturnType<Fold>> // by its kind
