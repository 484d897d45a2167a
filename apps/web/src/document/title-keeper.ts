import { type Clock, QuireError } from "@quire/base"
import { type Api, type DocumentEntry, TITLE_MAX } from "../api/client.js"

/** A title is saved when nobody has typed in it for this long. */
const SAVE_DELAY_MS = 400

/** A save that failed is tried again after this long. */
const RETRY_MS = 4_000

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
 */
export class TitleKeeper {
  readonly #id: string
  readonly #api: Api
  readonly #clock: Clock
  readonly #listeners = new Set<() => void>()
  readonly #leaving = new AbortController()
  #state: TitleState = { title: "", entry: "unknown", save: { kind: "saved" } }
  /** What the person typed and the server has not confirmed. */
  #unsaved: string | undefined
  #isSending = false
  /** Counts edits and answered saves: a title asked for before the newest of them is old news. */
  #round = 0
  #cancelTimer: (() => void) | undefined

  constructor(id: string, services: { readonly api: Api; readonly clock: Clock }) {
    this.#id = id
    this.#api = services.api
    this.#clock = services.clock
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

  /** Reads the entry again. What the person has typed stays, saved or not, if it is newer than the question. */
  async refresh(): Promise<void> {
    const round = this.#round
    try {
      const entry = await this.#api.loadDocument(this.#id, { signal: this.#leaving.signal })
      const isOurs = this.#unsaved !== undefined || round !== this.#round
      const title = isOurs ? this.#state.title : (entry?.title ?? "")
      this.#set({ ...this.#state, title, entry: entry ?? "none" })
    } catch (error) {
      // Not fatal: the text comes over another road, and the next return asks again.
      if (!(error instanceof QuireError) && !this.#leaving.signal.aborted) throw error
    }
  }

  /**
   * Sends what is unsaved, even if the page is going away, and stops. What fails from now on is not tried again: by
   * then somebody may have given the document another title. May be called twice.
   */
  close(): void {
    this.flush()
    this.#cancelTimer?.()
    this.#leaving.abort()
    this.#listeners.clear()
  }

  async #save(): Promise<void> {
    this.#cancelTimer?.()
    const title = this.#unsaved
    if (title === undefined || this.#isSending) return
    this.#isSending = true
    try {
      const entry = await this.#api.renameDocument(this.#id, title, { outlivesPage: true })
      this.#round++
      if (this.#unsaved === title) this.#unsaved = undefined
      this.#set({ ...this.#state, entry, save: { kind: this.#unsaved === undefined ? "saved" : "saving" } })
    } catch (error) {
      if (!(error instanceof QuireError)) throw error
      this.#set({ ...this.#state, save: { kind: "not-saved", reason: `the title: ${error.message}` } })
      this.#saveIn(RETRY_MS)
      return
    } finally {
      this.#isSending = false
    }
    await this.#save() // what was typed meanwhile, also when leaving: no timer runs then
  }

  #saveIn(delayMs: number): void {
    this.#cancelTimer?.()
    if (!this.#leaving.signal.aborted) this.#cancelTimer = this.#clock.schedule(delayMs, () => void this.#save())
  }

  #set(state: TitleState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
