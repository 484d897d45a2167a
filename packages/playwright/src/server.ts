import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { QuireError } from "@quire/base"

/** The server that a test's pages talk to. */
export interface TestServer {
  /** Where its pages are, `http://127.0.0.1:PORT`, without a slash at the end; the same over restarts. */
  readonly url: string
  /** Where its rooms are, such as `ws://127.0.0.1:PORT/sync`; a document's name follows after a slash. */
  readonly syncUrl: string
  /** What it has said so far, at most the last 65,536 UTF-16 units; empty for a server that was given. */
  readonly log: string
  /**
   * The link that makes the first account, once the server has printed it. Only for a server that was started with
   * `--access members` and has no account yet: others never print one, and this waits for the test's end.
   */
  setUpLink(): Promise<string>
  /** Starts it again with the same port and folder. Nothing if it runs. */
  start(): Promise<void>
  /** It dies without a chance to do anything (SIGKILL). */
  kill(): Promise<void>
  /** It is asked to end, and has time to write what it accepted (SIGTERM). */
  stop(): Promise<void>
  /** `stop` and `start`. */
  restart(): Promise<void>
}

/** How much of a server's log is kept, in UTF-16 units. */
const LOG_CHARACTERS = 65_536

/** Host name that leads every person to the test's own server. To a browser it is no secure context. */
export const PLAIN_HOST = "quire.test"

/** A Quire server as a process of its own, with a folder of its own. */
export class QuireServer implements TestServer {
  readonly #script: string
  readonly #args: readonly string[]
  readonly #folder: string
  #child: ChildProcess | undefined
  #port = 0
  #log = ""

  private constructor(script: string, args: readonly string[], folder: string) {
    this.#script = script
    this.#args = args
    this.#folder = folder
    process.once("exit", this.#endWithUs)
  }

  /**
   * Starts a server on a free port of this machine. Whoever starts it disposes of it.
   *
   * @param script the command's script, see `findServer`.
   * @param args more arguments for `quire serve`.
   * @throws QuireError `QUIRE_SERVER_NOT_STARTED`, with what it said.
   */
  static async start(script: string, args: readonly string[] = []): Promise<QuireServer> {
    const server = new QuireServer(script, args, await mkdtemp(join(tmpdir(), "quire-test-")))
    try {
      await server.start()
    } catch (error) {
      await server.dispose()
      throw error
    }
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get syncUrl(): string {
    return `ws://127.0.0.1:${this.#port}/sync`
  }

  get log(): string {
    return this.#log
  }

  async start(): Promise<void> {
    if (this.#isRunning()) return
    const own = ["--port", String(this.#port), "--data", this.#folder, "--origin", `http://${PLAIN_HOST}`]
    const args = [this.#script, "serve", ...own, "--log-level", "warn", ...this.#args]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
    this.#child = child
    child.stderr?.on("data", (text: Buffer) => this.#keep(text))
    this.#port = await new Promise<number>((resolve, reject) => {
      let said = ""
      child.stdout?.on("data", (text: Buffer) => {
        said = (said + text).slice(-LOG_CHARACTERS)
        this.#keep(text)
        const match = /^Quire is listening on \S+?:(\d+)$/m.exec(said)
        if (match !== null) resolve(Number(match[1]))
      })
      child.once("error", reject)
      child.once("close", (code) => reject(this.#notStarted(code)))
    })
  }

  async setUpLink(): Promise<string> {
    for (;;) {
      // A server that was started again has printed another one. The end of the line: it may come in two parts.
      const link = this.#log.match(/http\S+\/setup\/[\w-]+(?=\s)/g)?.at(-1)
      if (link !== undefined) return link
      const { stdout } = this.#child ?? {}
      if (!stdout || !this.#isRunning()) throw this.#notStarted(this.#child?.exitCode ?? null)
      await once(stdout, "data")
    }
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM")
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Ends it and removes its folder. May be called twice. */
  async dispose(): Promise<void> {
    await this.#end("SIGTERM")
    process.off("exit", this.#endWithUs)
    await rm(this.#folder, { recursive: true, force: true })
  }

  readonly #endWithUs = (): void => {
    this.#child?.kill("SIGKILL")
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.#isRunning()) return
    const ended = once(child, "exit")
    child.kill(signal)
    await ended
  }

  #keep(text: Buffer): void {
    this.#log = (this.#log + text).slice(-LOG_CHARACTERS)
  }

  #notStarted(code: number | null): QuireError {
    const said = this.#log.trim() === "" ? "it said nothing" : `it said: ${this.#log.trim()}`
    return new QuireError("QUIRE_SERVER_NOT_STARTED", `the server ended with ${code} before it listened; ${said}`, {
      hint: "Run its command by hand; in a checkout that was never built, npm run build comes first.",
    })
  }
}

/** A server that somebody else runs: any y-websocket server, known by its address. It cannot be started or ended. */
export class GivenServer implements TestServer {
  readonly url: string
  readonly syncUrl: string
  readonly log = ""

  /** @param syncUrl where its rooms are, `ws:` or `wss:`. @throws TypeError if it is no such address. */
  constructor(syncUrl: string) {
    const url = URL.canParse(syncUrl) ? new URL(syncUrl) : undefined
    if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
      throw new TypeError(`serverUrl must be an address like ws://127.0.0.1:1234, not ${JSON.stringify(syncUrl)}`)
    }
    this.syncUrl = syncUrl.replace(/\/+$/, "")
    this.url = `${url.protocol === "wss:" ? "https" : "http"}://${url.host}`
  }

  async setUpLink(): Promise<string> {
    return this.#refuse()
  }

  start(): Promise<void> {
    return this.#refuse()
  }

  kill(): Promise<void> {
    return this.#refuse()
  }

  stop(): Promise<void> {
    return this.#refuse()
  }

  restart(): Promise<void> {
    return this.#refuse()
  }

  async #refuse(): Promise<never> {
    throw new QuireError("QUIRE_SERVER_NOT_OURS", `${this.syncUrl} was not started by this test`, {
      hint: "Leave out the option serverUrl to get a Quire server of the test's own; cut the network instead of ending this one.",
    })
  }
}
