import { type ChildProcessByStdio, spawn } from "node:child_process"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"

/** The built server's entry. */
const ENTRY = fileURLToPath(new URL("../dist/main.js", import.meta.url))

/** How a process ended. */
export interface Exit {
  /** Its exit code, or `null` if a signal ended it. */
  readonly code: number | null
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null
}

/** What a process is started with. */
export interface ProcessOptions {
  /** The script to run instead of the built server. */
  readonly entry?: string
  /** The command to run it under, asked at each start, such as `["prlimit", "--fsize=1048576"]`. */
  readonly under?: () => readonly string[]
}

/** A line of the server's log. */
export interface LogLine {
  /** pino's number: 40 is a warning, 50 an error, 60 the end. */
  readonly level: number
  /** The event's stable name. */
  readonly event?: string
  /** Whatever else the line says. */
  readonly [key: string]: unknown
}

/** A `quire` command as a child process, with everything it said. */
export class QuireProcess {
  /** Resolves when it has ended and its output is complete. */
  readonly ended: Promise<Exit>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #heard = new Set<() => void>()
  #stdout = ""
  #stderr = ""
  #exit: Exit | undefined

  /** Starts it. @param args the command line after the script's name. */
  constructor(args: readonly string[], options: ProcessOptions = {}) {
    const line = [...(options.under?.() ?? []), process.execPath, options.entry ?? ENTRY, ...args]
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("QUIRE_")))
    const [command = process.execPath, ...rest] = line
    this.#child = spawn(command, rest, { env, stdio: ["ignore", "pipe", "pipe"] })
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text
      this.#tell()
    })
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text
      this.#tell()
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject)
      this.#child.on("close", (code, signal) => {
        this.#exit = { code, signal }
        this.#tell()
        resolve(this.#exit)
      })
    })
  }

  /** Its process id. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the process was not started")
    return this.#child.pid
  }

  /** What it wrote to stdout so far. */
  get stdout(): string {
    return this.#stdout
  }

  /** What it wrote to stderr so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** The lines of stderr that are log lines. */
  get log(): readonly LogLine[] {
    return this.#stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LogLine) // pino writes one JSON object a line
  }

  /** How it ended, if it has. */
  get exit(): Exit | undefined {
    return this.#exit
  }

  /** Calls `listener` whenever it says something, and when it ends. @returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#heard.add(listener)
    return () => this.#heard.delete(listener)
  }

  /** The address it listens on. @throws if it ends before it says so. */
  async listening(): Promise<string> {
    const address = (): string | undefined => /^Quire is listening on (\S+)$/m.exec(this.#stdout)?.[1]
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (address() === undefined && this.#exit === undefined) return
        unsubscribe()
        resolve()
      }
      const unsubscribe = this.subscribe(look)
      look()
    })
    const found = address()
    if (found === undefined) throw new Error(`the server ended before it listened:\n${this.#stderr}`)
    return found
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it without a word, as a crash would. */
  async kill9(): Promise<void> {
    this.signal("SIGKILL")
    await this.ended
  }

  #tell(): void {
    for (const listener of [...this.#heard]) listener()
  }
}
