import type { Clock } from "@quire/base"

/** The service worker; the one script URL that the content security policy lets be made from a string. */
export const WORKER_URL = "/service-worker.js"

/** A page that stays open looks for a new build when its person comes back, at most this often. */
const LOOK_AGAIN_MS = 600_000

/** A page that has just been opened has better things to do than to load the app's files a second time. */
const INSTALL_DELAY_MS = 500

/** What the shell takes from its surroundings. */
export interface ShellUpdatesOptions {
  /** The browser's service workers; `undefined` where it has none, as on plain http. */
  readonly workers: ServiceWorkerContainer | undefined
  /** Path of the script this page runs; it changes with every build. */
  readonly script: string
  /** Where it is heard that the person came back. */
  readonly document: Document
  /** Time. */
  readonly clock: Clock
}

/**
 * Has the app's files kept on the device, and tells when those there are of another build than this page. Without
 * service workers nothing is kept and nothing told.
 */
export class ShellUpdates {
  readonly #options: ShellUpdatesOptions
  readonly #listeners = new Set<() => void>()
  #isReady = false

  constructor(options: ShellUpdatesOptions) {
    this.#options = options
  }

  /** True once a reload would bring another build. */
  readonly isReady = (): boolean => this.#isReady

  /** Calls `listener` when `isReady` has changed. Returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Installs the worker after a moment, and listens to it. Returns the undo, which leaves what is installed. */
  start(): () => void {
    const { workers, document, clock } = this.#options
    if (workers === undefined) return () => undefined
    const stop = new AbortController()
    let lookedMs = clock.elapsed()
    let registration: ServiceWorkerRegistration | undefined
    const look = (): void => {
      if (document.visibilityState !== "visible" || clock.elapsed() - lookedMs < LOOK_AGAIN_MS) return
      lookedMs = clock.elapsed()
      registration?.update().catch(ignore)
    }
    workers.addEventListener("message", (event) => this.#hear(event.data), { signal: stop.signal })
    workers.startMessages()
    document.addEventListener("visibilitychange", look, { signal: stop.signal })
    const install = (): void => {
      workers
        .register(workerUrl(), { updateViaCache: "none" })
        .then((registered) => {
          registration = registered
        })
        .catch(ignore)
    }
    const cancel = clock.schedule(INSTALL_DELAY_MS, install)
    return () => {
      cancel()
      stop.abort()
    }
  }

  #hear(message: unknown): void {
    if (this.#isReady || !isShell(message) || message.files.includes(this.#options.script)) return
    this.#isReady = true
    for (const listener of this.#listeners) listener()
  }
}

/** Without a worker, or without an answer, only the reload without a server is missing: the page works. */
function ignore(): void {
  return
}

function isShell(message: unknown): message is { readonly files: readonly unknown[] } {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "quire-shell" &&
    "files" in message &&
    Array.isArray(message.files)
  )
}

/** What browsers with Trusted Types ask for; the DOM's types here do not know them. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown }
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined

/** The worker's URL as a value that may become a script: made by a policy that knows no other. */
function workerUrl(): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }
  policy ??= trustedTypes?.createPolicy("quire-worker", {
    createScriptURL: (url) => {
      if (url !== WORKER_URL) throw new TypeError(`only ${WORKER_URL} is a worker of this app, not ${url}`)
      return url
    },
  })
  // A TrustedScriptURL is taken where the DOM's types say string.
  return policy === undefined ? WORKER_URL : (policy.createScriptURL(WORKER_URL) as string)
}
