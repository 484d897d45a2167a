import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Clock } from "@quire/base"
import { Provider, type ProviderOptions } from "@quire/provider"
import { afterAll, afterEach, onTestFailed } from "vitest"
import WebSocket from "ws"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { type Exit, type ProcessOptions, QuireProcess } from "./quire-process.js"

/** Something that is closed when its test, or its file, is over. */
interface Closable {
  close(): Promise<void> | void
}

const ofTest: Closable[] = []
const ofFile: Closable[] = []
afterEach(() => closeNewestFirst(ofTest))
afterAll(() => closeNewestFirst(ofFile))

async function closeNewestFirst(things: Closable[]): Promise<void> {
  for (let thing = things.pop(); thing !== undefined; thing = things.pop()) await thing.close()
}

/** Closes the thing after the test. @returns the thing. */
export function ownedByTest<T extends Closable>(thing: T): T {
  ofTest.push(thing)
  return thing
}

/** Closes the thing after the last test of the file. @returns the thing. */
export function ownedByFile<T extends Closable>(thing: T): T {
  ofFile.push(thing)
  return thing
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "quire-server-"))
  ownedByTest({ close: () => rm(folder, { recursive: true, force: true }) })
  return folder
}

/** What a server is started with. */
export interface ServerOptions extends ProcessOptions {
  /** Its data folder; a fresh one if left out. */
  readonly folder?: string
  /** Its TCP port; an unused one if left out. */
  readonly port?: number
  /** More of the command line. */
  readonly args?: readonly string[]
}

/** The built server as a child process, on a port and a data folder that outlive it. */
export class RunningServer {
  /** Its data folder. */
  readonly folder: string
  /** Its TCP port. */
  readonly port: number
  readonly #options: ServerOptions
  readonly #ownsFolder: boolean
  #process: QuireProcess | undefined

  private constructor(folder: string, port: number, options: ServerOptions) {
    this.folder = folder
    this.port = port
    this.#options = options
    this.#ownsFolder = options.folder === undefined
  }

  /** Starts a server; whoever calls closes it. */
  static async start(options: ServerOptions = {}): Promise<RunningServer> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "quire-server-")))
    const server = new RunningServer(folder, options.port ?? (await unusedPort()), options)
    await server.restart()
    return server
  }

  /** `http://HOST:PORT` */
  get http(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The address for providers. */
  get sync(): string {
    return `ws://127.0.0.1:${this.port}/sync`
  }

  /** The process that runs now, or the last that did. */
  get process(): QuireProcess {
    if (this.#process === undefined) throw new Error("the server was not started")
    return this.#process
  }

  /** Ends it without a word, as a crash or a power switch would. */
  async kill9(): Promise<void> {
    await this.process.kill9()
  }

  /** Starts it again, on the same port and folder. Resolves when it listens. */
  async restart(): Promise<void> {
    const args = ["serve", "--host", "127.0.0.1", "--port", String(this.port), "--data", this.folder]
    args.push(...(this.#options.args ?? []))
    this.#process = new QuireProcess(args, this.#options)
    await this.#process.listening()
  }

  /** Asks it to stop, and waits until it has. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    this.process.signal(signal)
    return this.process.ended
  }

  /** Ends it, and removes the folder that was made for it. */
  async close(): Promise<void> {
    await this.#process?.kill9()
    if (this.#ownsFolder) await rm(this.folder, { recursive: true, force: true })
  }
}

/** A server for one test. If the test fails, what the server found wrong is printed. */
export async function serverForTest(options: ServerOptions = {}): Promise<RunningServer> {
  const server = ownedByTest(await RunningServer.start(options))
  onTestFailed(() => {
    process.stdout.write(`the server's last lines:\n${server.process.stderr.slice(-4_000)}\n`)
  })
  return server
}

/** A server for all tests of the file. */
export async function serverForFile(options: ServerOptions = {}): Promise<RunningServer> {
  return ownedByFile(await RunningServer.start(options))
}

/**
 * A port that nobody listens on, below those that systems give to outgoing connections: a client that calls a dead
 * server again and again must not be given that very port and reach itself, nor must anybody take it meanwhile.
 */
export async function unusedPort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 20_000)
    if (await canListen(port)) return port
  }
}

async function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}

/** A person at a document: a ydoc, presence and a real provider. */
export interface Client {
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly provider: Provider
  /** Leaves. */
  close(): void
}

/** What a client may be made with: a provider's own options. */
export type ClientOptions = Partial<ProviderOptions>

/** Opens a document with a real provider; whoever calls closes it. @param url as a provider wants it. */
export function openClient(url: string, document: string, options: ClientOptions = {}): Client {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  const provider = new Provider({ url, document, ydoc, awareness, WebSocket, channel: false, ...options })
  provider.open()
  const close = (): void => {
    provider.close()
    awareness.destroy()
    ydoc.destroy()
  }
  return { ydoc, awareness, provider, close }
}

/** A client for one test. */
export function clientForTest(url: string, document: string, options: ClientOptions = {}): Client {
  return ownedByTest(openClient(url, document, options))
}

/** A document as somebody sees it who has never been here: opened, synced, read, left. */
export async function readFresh<T>(
  url: string,
  document: string,
  read: (ydoc: Y.Doc) => T,
  options: ClientOptions = {},
): Promise<T> {
  const client = openClient(url, document, options)
  try {
    await client.provider.whenSynced(patience())
    return read(client.ydoc)
  } finally {
    client.close()
  }
}

/** Time that runs faster for a provider: its waits between attempts would otherwise be most of a test. */
export function hurriedClock(factor: number): Clock {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now() * factor,
    schedule: (delayMs, run) => {
      if (delayMs <= 0) {
        const immediate = setImmediate(run)
        return () => clearImmediate(immediate)
      }
      const timer = setTimeout(run, delayMs / factor)
      return () => clearTimeout(timer)
    },
  }
}

/** How long a test waits for what must come. Reaching it is a failure, never a measurement. */
export const PATIENCE_MS = 60_000

/** The same as an option. */
export function patience(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(PATIENCE_MS) }
}

/** Something that tells when to look again. Returns the undo. */
export type Subscribe = (listener: () => void) => () => void

/**
 * Resolves once the condition holds; it is looked at now and whenever the subscription calls.
 *
 * @param what a noun phrase for the error that ends a wait which takes too long.
 */
export function waitUntil(subscribe: Subscribe, isMet: () => boolean, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!isMet()) return
      end()
      resolve()
    }
    const unsubscribe = subscribe(look)
    const timer = setTimeout(() => {
      end()
      reject(new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`))
    }, PATIENCE_MS)
    const end = (): void => {
      clearTimeout(timer)
      unsubscribe()
    }
    look()
  })
}

/** Looks when a ydoc has changed. */
export function onUpdate(...ydocs: readonly Y.Doc[]): Subscribe {
  return (listener) => {
    for (const ydoc of ydocs) ydoc.on("update", listener)
    return () => {
      for (const ydoc of ydocs) ydoc.off("update", listener)
    }
  }
}

/** Lets everything that waits in the event loop have its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
