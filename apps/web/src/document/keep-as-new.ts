import { type Clock, QuireError, type Random } from "@quire/base"
import { copyBody } from "@quire/document"
import { createBlockId } from "@quire/editor"
import { type Api, TITLE_MAX } from "../api/client.js"
import type { PageSession } from "./page-session.js"
import type { PageSessions } from "./page-sessions.js"

/** A try without an end has failed after this long. */
const LIMIT_MS = 20_000

/** What a keeping takes from its surroundings. */
export interface KeepingServices {
  /** Makes the new document. */
  readonly api: Pick<Api, "createDocument">
  /** Opens it. */
  readonly sessions: Pick<PageSessions, "open">
  /** Where blocks' ids come from. */
  readonly random: Random
  /** Time. */
  readonly clock: Clock
}

/**
 * Keeps a page's whole text, with what no server has taken of it, as a new document of the person's own. A try that
 * failed after the document was made leaves it there, and the next try goes on with the same one: there is never a
 * second.
 */
export class Keeping {
  readonly #services: KeepingServices
  readonly #former: PageSession
  readonly #title: string
  #document: string | undefined
  #target: PageSession | undefined

  /** @param former is only read. @param title its title, as the person has it. */
  constructor(former: PageSession, title: string, services: KeepingServices) {
    this.#former = former
    this.#title = title
    this.#services = services
  }

  /**
   * Makes the document, fills it, and waits until it is on the server's disk. One try at a time.
   *
   * @returns the new document's name.
   * @throws QuireError as `Api` does; `QUIRE_NOT_KEPT` with what is the matter. It can be tried again after each.
   */
  async try(): Promise<string> {
    if (!this.#former.watchBody().getCheck().ok) throw unreadable()
    const { api, sessions, clock, random } = this.#services
    const over = new AbortController()
    const stopTimer = clock.schedule(LIMIT_MS, () => over.abort(this.#late()))
    try {
      this.#document ??= (await api.createDocument(copyTitle(this.#title), { signal: over.signal })).id
      const document = this.#document
      this.#target ??= sessions.open(document)
      const { provider, ydoc } = this.#target
      await provider.whenSynced({ signal: over.signal })
      // Also where a former try has written something: it is put in place of that.
      copyBody(this.#former.ydoc, ydoc, () => createBlockId(random))
      await provider.whenSaved({ signal: over.signal })
      this.close()
      return document
    } catch (error) {
      const connection = this.#target?.provider.getStatus().connection
      if (connection?.kind !== "refused") throw error
      this.close() // this session is refused for good: the next try opens another
      throw new QuireError("QUIRE_NOT_KEPT", connection.reason || `the server refuses it with code ${connection.code}`)
    } finally {
      stopTimer()
    }
  }

  /** Leaves the new document. What is not saved of it goes on in the background, unless it never can be. */
  close(): void {
    if (this.#target?.provider.getStatus().connection.kind === "refused") this.#target.forgo()
    this.#target?.leave()
    this.#target = undefined
  }

  #late(): QuireError {
    const save = this.#target?.provider.getStatus().save
    const reason = save?.kind === "not-saved" ? save.reason : "the server does not answer"
    return new QuireError("QUIRE_NOT_KEPT", reason)
  }
}

/** What a copy is called. @param title up to `TITLE_MAX` UTF-16 units; may be empty. */
export function copyTitle(title: string): string {
  const end = " (my copy)"
  return (title || "Untitled").slice(0, TITLE_MAX - end.length).toWellFormed() + end
}

function unreadable(): QuireError {
  return new QuireError("QUIRE_NOT_KEPT", "this text holds something that this page does not know, so copy it instead")
}
