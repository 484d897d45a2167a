import { type Random, randomClientId } from "@quire/base"
import { BodyWatch } from "@quire/document"
import type { Person } from "@quire/editor"
import { type IndexedDbCopies, Provider, type SaveStatus, type TokenSource } from "@quire/provider"
import { SCHEMA_VERSION } from "@quire/schema"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import type { UnsavedGuard } from "../device/unsaved.js"

/** What a session takes from its surroundings. */
export interface PageSessionOptions {
  /** The document's name. */
  readonly id: string
  /** Where rooms are: `ws:` or `wss:`, without a document. */
  readonly syncUrl: string
  /** Who we are, for the server. */
  readonly token: TokenSource
  /** Who we are, for the others. */
  readonly person: Person
  /** Where the client id comes from. */
  readonly random: Random
  /** Asks before the browser leaves while edits are unsaved. */
  readonly unsaved: UnsavedGuard
  /** Whether other tabs of this browser are told of edits at once. Default true. */
  readonly hasTabs?: boolean
  /** Where the document is kept on this device. */
  readonly copies: Pick<IndexedDbCopies, "of">
}

/**
 * One document, open: its ydoc, who is present, and the provider that keeps them in step with the room. Leaving with
 * unsaved edits keeps the provider at work in the background until they are saved.
 */
export class PageSession {
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly provider: Provider
  #watch: BodyWatch | undefined
  readonly #unsaved: UnsavedGuard
  readonly #stopGuarding: () => void
  #release: (() => void) | undefined
  #hasLeft = false
  #isForgone = false

  constructor(options: PageSessionOptions) {
    this.ydoc = new Y.Doc()
    this.ydoc.clientID = randomClientId(options.random)
    this.awareness = new Awareness(this.ydoc)
    this.introduce(options.person)
    this.provider = new Provider({
      url: options.syncUrl,
      document: options.id,
      ydoc: this.ydoc,
      awareness: this.awareness,
      schema: SCHEMA_VERSION,
      token: options.token,
      deviceCopy: options.copies.of(options.id),
      ...(options.hasTabs === false ? { channel: false } : {}),
    })
    this.#unsaved = options.unsaved
    this.#stopGuarding = this.provider.subscribe(() => this.#guard())
  }

  /** Starts the provider. */
  open(): void {
    this.provider.open()
  }

  /** Watches whether the text fits this build's schema. To be asked for once the text may be shown; the same each time. */
  watchBody(): BodyWatch {
    this.#watch ??= new BodyWatch(this.ydoc)
    return this.#watch
  }

  /** Tells the others who we are. */
  introduce(person: Person): void {
    this.awareness.setLocalStateField("user", { name: person.name, color: person.color })
  }

  /** Takes us out of the document. Everything is closed, at once or as soon as the last edit is saved. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.awareness.setLocalState(null)
    if (this.#isForgone || this.provider.getStatus().save.kind === "saved") this.#close()
  }

  /**
   * What is unsaved here is kept elsewhere: nobody is asked before the browser leaves any more, and leaving closes
   * everything and takes the copy off this device, which would bring the same edits back at the next visit.
   */
  forgo(): void {
    this.#isForgone = true
    this.#guard()
  }

  #guard(): void {
    const { save } = this.provider.getStatus()
    if (!this.#isForgone && !isSafe(save)) this.#release ??= this.#unsaved.hold()
    else {
      this.#release?.()
      this.#release = undefined
    }
    if (this.#hasLeft && save.kind === "saved") this.#close()
  }

  #close(): void {
    this.#stopGuarding()
    this.#release?.()
    this.#release = undefined
    this.#watch?.close()
    this.provider.close()
    // Where it fails the copy stays: the next visit shows the edits again, and says that they are not saved.
    if (this.#isForgone) this.provider.forgetDeviceCopy().catch(() => undefined)
    this.awareness.destroy()
    this.ydoc.destroy()
  }
}

/** Whether closing the browser loses nothing: the next visit finds what is on the device and sends it. */
function isSafe(save: SaveStatus): boolean {
  return save.kind === "saved" || save.kind === "on-device"
}
