import { type Clock, QuireError } from "@quire/base"
import type { DeviceLibrary } from "@quire/provider"
import { type Api, type DocumentEntry, TITLE_MAX } from "../api/client.js"

/** A title is saved when nobody has typed in it for this long. */
const SAVE_DELAY_MS = 400

/** A save that failed is tried again after this long. */
const RETRY_MS = 4_000

/** A save without an answer has failed after this long, as with edits: the line may be dead without a word. */
const ANSWER_LIMIT_MS = 5_000

/** What a keeper takes from its surroundings. */
export interface TitleServices {
  /** The server. */
  readonly api: Api
  /** Where titles are known, and wait, on this device. */
  readonly library: Pick<DeviceLibrary, "find" | "keep" | "keepTitle" | "settleTitle">
  /** Time. */
  readonly clock: Clock
}

/** What is known of a document's entry and title. */
export interface TitleState {
  /** What the title field shows. */
  readonly title: string
  /** The entry as the server last gave it; `none` when there is no document of that name yet. */
  readonly entry: DocumentEntry | "unknown" | "none"
  /** Where the title is. */
  readonly save:
    | { readonly kind: "saved" }
    | { readonly kind: "saving" }
    /** No server can be reached; this device keeps the title and sends it later, also after the page was closed. */
    | { readonly kind: "on-device" }
    | { readonly kind: "not-saved"; readonly reason: string }
}

/**
 * One document's title: what the person types in it, saved a moment later, and what others made of it in between. There
 * is no socket for titles; they are read on opening and on coming back.
 *
 *     saved ──edit──▶ dirty ──400 ms, or blur──▶ on the way ──answer──▶ saved
 *                      ▲ ▲                          │  │
 *                      │ └────────── edit ──────────┘  │
 *                      └─────────── failure, 4 s ──────┘
 *
 * A title on its way is kept on the device too, so that without a server it waits there: whoever opens the document, or
 * the list of documents, with a server sends it. Of two titles the last to arrive stays, as between people online.
 */
export class TitleKeeper {
  readonly #id: string
  readonly #services: TitleServices
  readonly #listeners = new Set<() => void>()
  readonly #leaving = new AbortController()
  #state: TitleState = { title: "", entry: "unknown", save: { kind: "saved" } }
  /** What the person typed and the server has not confirmed. */
  #unsaved: string | undefined
  #isSending = false
  /** Counts edits and answered saves: a title asked for before the newest of them is old news. */
  #round = 0
  #cancelTimer: (() => void) | undefined

  constructor(id: string, services: TitleServices) {
    this.#id = id
    this.#services = services
  }

  /** The state: the same object until something in it changes. */
  readonly getState = (): TitleState => this.#state

  /** Calls `listener` after the state changed. Returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes what the person typed. Line breaks become spaces, what is too long is cut. */
  edit(text: string): void {
    const title = text
      .replace(/\s*[\r\n]+\s*/g, " ")
      .slice(0, TITLE_MAX)
      .replace(/\p{Surrogate}/gu, "") // half a character, where the cut went through one
    if (title === this.#state.title) return
    this.#unsaved = title
    this.#round++
    this.#set({ ...this.#state, title, save: { kind: "saving" } })
    this.#saveIn(SAVE_DELAY_MS)
  }

  /** Saves at once what waits to be saved. */
  flush(): void {
    if (this.#unsaved !== undefined) void this.#save()
  }

  /** Shows what this device knows, takes up a title that waits here, and asks the server. */
  async open(): Promise<void> {
    await Promise.all([this.#recall(), this.refresh()])
  }

  /** Reads the entry again. What the person has typed stays, saved or not, if it is newer than the question. */
  async refresh(): Promise<void> {
    const round = this.#round
    try {
      const entry = await this.#services.api.loadDocument(this.#id, { signal: this.#leaving.signal })
      const isOurs = this.#unsaved !== undefined || round !== this.#round
      const title = isOurs ? this.#state.title : (entry?.title ?? "")
      this.#set({ ...this.#state, title, entry: entry ?? "none" })
      if (entry !== undefined) await this.#onDevice((library) => library.keep(entry))
    } catch (error) {
      // Not fatal: the text comes over another road, and the next return asks again.
      if (!(error instanceof QuireError) && !this.#leaving.signal.aborted) throw error
    }
  }

  /**
   * Sends what is unsaved, even if the page is going away, and stops. What fails from now on waits on the device, if
   * there it could be kept.
   */
  close(): void {
    this.flush()
    this.#cancelTimer?.()
    this.#leaving.abort()
    this.#listeners.clear()
  }

  async #recall(): Promise<void> {
    const known = await this.#onDevice((library) => library.find(this.#id))
    if (known === undefined || this.#leaving.signal.aborted || this.#unsaved !== undefined) return
    const { entry, waitingTitle } = known
    if (waitingTitle !== undefined) {
      this.#unsaved = waitingTitle
      this.#round++
      const old = this.#state.entry === "unknown" ? entry : this.#state.entry
      this.#set({ title: waitingTitle, entry: old, save: { kind: "on-device" } })
      await this.#save()
    } else if (this.#state.entry === "unknown" && this.#round === 0) {
      this.#set({ ...this.#state, title: entry.title, entry })
    }
  }

  async #save(): Promise<void> {
    this.#cancelTimer?.()
    const title = this.#unsaved
    if (title === undefined) return
    const kept = this.#onDevice((library) => library.keepTitle(this.#id, title).then(() => true))
    if (this.#isSending) return // it follows the answer, or waits on the device if there is none
    this.#isSending = true
    try {
      const entry = await this.#send(title)
      this.#round++
      if (this.#unsaved === title) this.#unsaved = undefined
      this.#set({ ...this.#state, entry, save: { kind: this.#unsaved === undefined ? "saved" : "saving" } })
      await kept
      await this.#onDevice((library) => library.settleTitle(this.#id, title))
      await this.#onDevice((library) => library.keep(entry))
    } catch (error) {
      if (!(error instanceof QuireError)) throw error
      const isWaiting = error.code === "QUIRE_UNREACHABLE" && (await kept) === true
      const isOld = this.#unsaved !== title // what was typed since has a try of its own
      if (isWaiting && !isOld) this.#set({ ...this.#state, save: { kind: "on-device" } })
      if (!isWaiting) this.#set({ ...this.#state, save: { kind: "not-saved", reason: `the title: ${error.message}` } })
      this.#saveIn(isWaiting && isOld ? SAVE_DELAY_MS : RETRY_MS)
      return
    } finally {
      this.#isSending = false
    }
    await this.#save() // what was typed meanwhile, also when leaving: no timer runs then
  }

  async #send(title: string): Promise<DocumentEntry> {
    const { api, clock } = this.#services
    const late = new AbortController()
    const stopWaiting = clock.schedule(ANSWER_LIMIT_MS, () => late.abort(unanswered()))
    try {
      return await api.renameDocument(this.#id, title, { outlivesPage: true, signal: late.signal })
    } finally {
      stopWaiting()
    }
  }

  /** Asks the device; `undefined` where there is nothing to be had: the server is what counts. */
  async #onDevice<T>(ask: (library: TitleServices["library"]) => Promise<T>): Promise<T | undefined> {
    try {
      return await ask(this.#services.library)
    } catch (error) {
      // What the database itself throws is as good a reason to go on without it.
      if (error instanceof QuireError || error instanceof DOMException) return undefined
      throw error
    }
  }

  #saveIn(delayMs: number): void {
    this.#cancelTimer?.()
    if (!this.#leaving.signal.aborted)
      this.#cancelTimer = this.#services.clock.schedule(delayMs, () => void this.#save())
  }

  #set(state: TitleState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

function unanswered(): QuireError {
  return new QuireError("QUIRE_UNREACHABLE", "the server does not answer", {
    hint: "Check the connection; it is tried again by itself.",
  })
}
