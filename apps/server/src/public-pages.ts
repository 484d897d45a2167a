import { createHash } from "node:crypto"
import type { Clock, DocumentId } from "@quire/base"
import type { Catalogue, DocumentLog, Publication } from "@quire/storage"
import { publicPage } from "./http/public-page.js"

/** Markup that is kept, in UTF-16 units over all pages; what was not asked for longest goes first. */
const KEPT_UNITS = 8_388_608
/** A page is made anew at most this often, however many read it while somebody types. */
const EVERY_MS = 1_000

/** A page as it is sent. */
export interface PublicPage {
  readonly html: string
  /** Changes with what is sent. */
  readonly etag: string
}

/** What public pages are made with. */
export interface PublicPagesSetting {
  readonly log: Pick<DocumentLog, "head" | "load">
  readonly catalogue: Pick<Catalogue, "get">
  readonly clock: Clock
  /** A page's text as markup, from the updates that its document is made of. */
  readonly render: (updates: readonly Uint8Array[]) => Promise<string>
}

/** A page's text as it was at one end of its log. */
interface Made {
  readonly version: string
  readonly markup: string
  readonly madeAtMs: number
}

/**
 * The pages that anybody may read, made from what is on disk, in a thread: this process holds no ydoc. Many who ask at
 * once share one making.
 */
export class PublicPages {
  readonly #setting: PublicPagesSetting
  readonly #made = new Map<DocumentId, Made>()
  readonly #making = new Map<DocumentId, Promise<Made>>()
  #units = 0

  constructor(setting: PublicPagesSetting) {
    this.#setting = setting
  }

  /**
   * The page as it is now, or was at most a second ago.
   *
   * @throws what the log throws for a damaged document, and what Yjs throws if it cannot be put together.
   */
  async page({ document, isIndexed }: Publication): Promise<PublicPage> {
    const { log, catalogue } = this.#setting
    const [entry, head] = await Promise.all([catalogue.get(document), log.head(document)])
    const version = head === undefined ? "" : `${head.epoch} ${head.sequence} ${head.checksum}`
    const { markup, version: shown } = await this.#markup(document, version)
    const facts = { title: entry?.title ?? "", changedMs: entry?.changedMs ?? 0, isIndexed }
    const mark = createHash("sha256")
      .update(JSON.stringify([shown, facts]))
      .digest("base64url")
    return { html: publicPage(markup, facts), etag: `"${mark.slice(0, 22)}"` }
  }

  #markup(document: DocumentId, version: string): Promise<Made> {
    const made = this.#made.get(document)
    if (made !== undefined && this.#isGood(made, version)) {
      this.#made.delete(document)
      this.#made.set(document, made)
      return Promise.resolve(made)
    }
    const making = this.#making.get(document)
    if (making !== undefined) return making
    const begun = this.#make(document, version).finally(() => this.#making.delete(document))
    this.#making.set(document, begun)
    return begun
  }

  #isGood({ version, madeAtMs }: Made, asked: string): boolean {
    return version === asked || this.#setting.clock.elapsed() - madeAtMs < EVERY_MS
  }

  async #make(document: DocumentId, version: string): Promise<Made> {
    const { log, render, clock } = this.#setting
    const madeAtMs = clock.elapsed()
    const loaded = await log.load(document)
    const updates = loaded?.tail.flatMap((record) => (record.kind === "body" ? [record.payload] : [])) ?? []
    if (loaded?.snapshot !== undefined) updates.unshift(loaded.snapshot.update)
    // What came between the two readings is in it; it is then made once more than it need be.
    const made = { version, markup: updates.length === 0 ? "" : await render(updates), madeAtMs }
    this.#keep(document, made)
    return made
  }

  #keep(document: DocumentId, made: Made): void {
    this.#forget(document)
    this.#made.set(document, made)
    this.#units += made.markup.length
    for (const oldest of this.#made.keys()) {
      if (this.#units <= KEPT_UNITS) break
      this.#forget(oldest)
    }
  }

  #forget(document: DocumentId): void {
    this.#units -= this.#made.get(document)?.markup.length ?? 0
    this.#made.delete(document)
  }
}
