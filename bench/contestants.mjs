// Who is measured, and how each is started. Every server is one `node` process with the same flags, on a core of its
// own where the machine allows it.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { hasTaskset, SERVER_CORE } from "./cores.mjs"
import { residentBytes } from "./process-cost.mjs"
import { DIALECTS } from "./wire.mjs"

const inBench = (path) => fileURLToPath(new URL(path, import.meta.url))
const START_MS = 20_000
const STOP_MS = 15_000

/** Quire, as `npm start` runs it, but quiet. */
const quire = {
  script: () => inBench("../apps/server/dist/main.js"),
  args: ({ dataFolder }) => [
    "serve",
    "--port",
    "0",
    "--host",
    "127.0.0.1",
    "--data",
    dataFolder,
    "--log-level",
    "silent",
    // More than any scenario opens, and faster than it comes; the others have no such limits.
    "--max-connections",
    "40000",
    "--joins-per-second",
    "10000",
  ],
  env: () => ({}),
}

/**
 * Contestants: a server, and the way its clients speak.
 * - `server`: the program; contestants that share one share its prepared data.
 * - `path`: where a document is found.
 * - `durability`: how it tells a writer that an update is on disk, if it does: by sending it back, or in so many words.
 * - `isFloor`: it keeps no documents, so nothing is prepared for it.
 */
export const CONTESTANTS = [
  {
    id: "quire",
    title: "Quire",
    server: "quire",
    program: quire,
    dialect: DIALECTS.plain,
    durability: "echo",
    path: (name) => `/sync/${name}`,
  },
  {
    id: "quire-native",
    title: "Quire (quire.1)",
    server: "quire",
    program: quire,
    dialect: DIALECTS.native,
    durability: "acknowledgement",
    path: (name) => `/sync/${name}`,
  },
  {
    id: "y-websocket-server",
    title: "y-websocket-server",
    server: "y-websocket-server",
    program: {
      script: () => inBench("peers/node_modules/@y/websocket-server/src/server.js"),
      args: () => [],
      env: async ({ dataFolder }) => ({
        HOST: "127.0.0.1",
        PORT: String(await freePort()),
        YPERSISTENCE: join(dataFolder, "level"),
      }),
    },
    dialect: DIALECTS.plain,
    path: (name) => `/${name}`,
  },
  {
    id: "hocuspocus",
    title: "Hocuspocus",
    server: "hocuspocus",
    program: { script: () => inBench("peers/hocuspocus.mjs"), args: ({ dataFolder }) => [dataFolder], env: () => ({}) },
    dialect: DIALECTS.hocuspocus,
    path: () => "/",
  },
  {
    id: "floor-ws",
    title: "floor-ws",
    server: "floor-ws",
    program: {
      script: () => inBench("peers/floor-ws.mjs"),
      args: ({ answerFile, isEchoing }) => [answerFile ?? "", isEchoing ? "echo" : ""],
      env: () => ({}),
    },
    dialect: DIALECTS.plain,
    path: (name) => `/${name}`,
    isFloor: true,
  },
  floorNet({ id: "floor-net", windowMs: 0 }),
  floorNet({ id: "floor-window", windowMs: 20 }),
]

/** The relay on raw sockets. */
function floorNet({ id, windowMs }) {
  return {
    id,
    title: id,
    server: id,
    program: { script: () => inBench("peers/floor-net.mjs"), args: () => [String(windowMs)], env: () => ({}) },
    dialect: DIALECTS.plain,
    path: (name) => `/${name}`,
    isFloor: true,
  }
}

/** A server that runs. */
export class RunningServer {
  #child
  #port
  #output

  constructor(child, port, output) {
    this.#child = child
    this.#port = port
    this.#output = output
  }

  get pid() {
    return this.#child.pid
  }

  get port() {
    return this.#port
  }

  /** Resident memory after a forced collection, in bytes. */
  async collectedBytes() {
    const done = once(this.#child.stdio[3], "data")
    this.#child.kill("SIGUSR2")
    await done
    // Freed pages go back to the system a little after the collection.
    await wait(200)
    return residentBytes(this.pid)
  }

  /** Asks it to end as an operator would; what does not end is killed. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      throw new Error(`the server ended by itself (${this.#child.exitCode}): ${this.#output()}`)
    }
    const ended = once(this.#child, "exit")
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS)
    this.#child.kill("SIGTERM")
    await ended
    clearTimeout(timer)
  }
}

/** Servers that run: none may outlive this process, however it ends. */
const running = new Set()
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))

/**
 * Starts a contestant's server and waits until it listens.
 *
 * @param where `dataFolder`; `answerFile` and `isEchoing` for the floor; `nodeFlags` to add, for profiling.
 */
export async function start({ program, title }, where) {
  const env = await program.env(where)
  const nodeArgs = [
    ...(where.nodeFlags ?? []),
    "--expose-gc",
    "--import",
    new URL("collect-on-signal.mjs", import.meta.url).href,
    program.script(),
    ...program.args(where),
  ]
  const [command, args] = hasTaskset()
    ? ["taskset", ["--cpu-list", String(SERVER_CORE), process.execPath, ...nodeArgs]]
    : [process.execPath, nodeArgs]
  const child = spawn(command, args, {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  })
  running.add(child)
  child.once("exit", () => running.delete(child))
  let output = ""
  const port = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${title} did not start: ${output}`)), START_MS)
    const listen = (chunk) => {
      output = (output + chunk).slice(-2_000)
      const match = /(?::|port )(\d{2,5})\s*$/m.exec(output)
      if (match === null) return
      clearTimeout(timer)
      resolve(Number(match[1]))
    }
    child.stdout.on("data", listen)
    child.stderr.on("data", listen)
    child.once("exit", (code) => {
      clearTimeout(timer)
      reject(new Error(`${title} ended with ${code} instead of listening: ${output}`))
    })
  })
  return new RunningServer(child, port, () => output)
}

/** A port that was free a moment ago, for a server that does not say which one it took. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address()
  server.close()
  await once(server, "close")
  return port
}
