import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const ENTRY = "apps/server/dist/main.js"

/** The built server as a process of its own, with a folder of its own; its port stays over restarts. */
export class QuireServer {
  readonly #folder: string
  #child: ChildProcess | undefined
  #port = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start(): Promise<QuireServer> {
    const server = new QuireServer(await mkdtemp(join(tmpdir(), "quire-e2e-")))
    await server.start()
    return server
  }

  /** Its address, `http://127.0.0.1:PORT`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it, the first time or again. */
  async start(): Promise<void> {
    const args = ["serve", "--port", String(this.#port), "--data", this.#folder, "--log-level", "error"]
    const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ["ignore", "pipe", "inherit"] })
    this.#child = child
    this.#port = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it listened`)))
      child.stdout?.on("data", (text: Buffer) => {
        const match = /^Quire is listening on http:\/\/127\.0\.0\.1:(\d+)$/m.exec(text.toString())
        if (match !== null) resolve(Number(match[1]))
      })
    })
    child.removeAllListeners("exit")
  }

  /** The process dies without a chance to do anything. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  /** Ends it and forgets its folder. */
  async dispose(): Promise<void> {
    await this.#end("SIGTERM")
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    child.kill(signal)
    await ended
  }
}
