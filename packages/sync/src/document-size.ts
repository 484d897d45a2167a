import type { LoadedDocument } from "./ports.js"
import type { OpenedDocument, RoomSetting } from "./room.js"

/** How much content a document has, as far as its room can tell. Rule R7. */
export class DocumentSize {
  readonly #setting: RoomSetting
  readonly #opened: OpenedDocument
  readonly #unsavedBytes: () => number
  /** At most this many bytes of content: folding only makes it less. */
  #sizeBytes: number
  #isMeasuring = false

  /** @param unsavedBytes what was taken in and is not on disk. */
  constructor(setting: RoomSetting, opened: OpenedDocument, unsavedBytes: () => number) {
    this.#setting = setting
    this.#opened = opened
    this.#unsavedBytes = unsavedBytes
    this.#sizeBytes = sizeOf(opened.loaded)
  }

  /** So many bytes were taken in. */
  add(sizeBytes: number): void {
    this.#sizeBytes += sizeBytes
  }

  /** Whether an update fits. The count is an upper bound; when it says no, the log is asked how much folding has left. */
  hasSpaceFor(update: Uint8Array): boolean {
    if (this.#sizeBytes + update.length <= this.#setting.limits.documentBytes) return true
    if (!this.#isMeasuring) this.#measure()
    return false
  }

  #measure(): void {
    const { log, watch } = this.#setting
    const { document } = this.#opened
    this.#isMeasuring = true
    log.load(document).then(
      (loaded) => {
        this.#isMeasuring = false
        this.#sizeBytes = sizeOf(loaded) + this.#unsavedBytes()
      },
      (error: unknown) => {
        this.#isMeasuring = false
        watch.event("room.load-failed", { document, reason: String(error) })
      },
    )
  }
}

function sizeOf(loaded: LoadedDocument | undefined): number {
  let size = loaded?.snapshot?.update.length ?? 0
  for (const { payload } of loaded?.tail ?? []) size += payload.length
  return size
}
