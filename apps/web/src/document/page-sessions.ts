import { PageSession, type PageSessionOptions } from "./page-session.js"

/** What all sessions have in common; `person` and `token` are asked for at each opening. */
export type PageSessionsOptions = Omit<PageSessionOptions, "id" | "person" | "token"> & {
  /** Who we are, for the others. */
  readonly person: () => PageSessionOptions["person"]
  /** Who we are, for the server. */
  readonly token: () => PageSessionOptions["token"]
}

/** Opens documents. */
export class PageSessions {
  readonly #options: PageSessionsOptions
  #prepared: { readonly id: string; readonly session: PageSession } | undefined

  constructor(options: PageSessionsOptions) {
    this.#options = options
  }

  /**
   * Opens the document that the browser was sent to, before there is anything to show it in: its socket and its copy on
   * the device are then under way while the rest of the page's code begins.
   */
  prepare(id: string): void {
    this.#prepared = { id, session: this.#open(id) }
  }

  /** An open session of a document: the one prepared, once, or a new one. Whoever asks leaves it. */
  open(id: string): PageSession {
    const prepared = this.#prepared
    this.#prepared = undefined
    if (prepared?.id === id) return prepared.session
    prepared?.session.leave()
    return this.#open(id)
  }

  #open(id: string): PageSession {
    const { person, token, ...options } = this.#options
    const session = new PageSession({ ...options, id, person: person(), token: token() })
    session.open()
    return session
  }
}
