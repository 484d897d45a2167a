import { decodeServerMessage, encodeMessage, type PlainMessage } from "@quire/protocol"
import * as Y from "yjs"

/** A line between the tabs of one browser that show the same document, as a port. */
export interface Channel {
  /** Sends bytes to all others on the channel, never back to this one. */
  post(frame: Uint8Array): void
  /** Calls `listener` with each message; what other code posted there may be anything. @returns the undo. */
  subscribe(listener: (message: unknown) => void): () => void
  /** Leaves. */
  close(): void
}

/** Opens the channel with this name. */
export type OpenChannel = (name: string) => Channel

/** BroadcastChannel in a page; nothing anywhere else (in Node it would tie providers of one process together). */
export function defaultChannel(): OpenChannel | undefined {
  const isPage = typeof window === "object" && typeof document === "object"
  return isPage && typeof BroadcastChannel === "function" ? openBroadcastChannel : undefined
}

/** What a tab asks of the provider. */
export interface TabHandlers {
  /** An update came; `isOnItsWay` if its sender passes it to the server too. May throw on malformed bytes. */
  update(update: Uint8Array, isOnItsWay: boolean): void
  /** A presence update came. */
  presence(entries: Uint8Array): void
  /** A tab asks who is here. */
  presenceAsked(): void
}

/**
 * Keeps the tabs of one browser in step, also while there is no server. The frames are the wire's, with one meaning
 * added: an `update` is also sent to the server by the tab that posts it; what a `step2` holds the server may never
 * have seen, so a tab that is connected passes on what is news to it.
 */
export class Tabs {
  readonly #channel: Channel
  readonly #ydoc: Y.Doc
  readonly #handlers: TabHandlers
  readonly #unsubscribe: () => void

  /** Joins the others at once: tells them what is here, and asks for what is not. */
  constructor(channel: Channel, ydoc: Y.Doc, handlers: TabHandlers) {
    this.#channel = channel
    this.#ydoc = ydoc
    this.#handlers = handlers
    this.#unsubscribe = channel.subscribe((message) => this.#receive(message))
    if (ydoc.store.clients.size > 0) this.post({ type: "step2", update: Y.encodeStateAsUpdate(ydoc) })
    this.post({ type: "step1", stateVector: Y.encodeStateVector(ydoc) })
    this.post({ type: "query-presence" })
  }

  /** Sends one message to the other tabs. */
  post(message: PlainMessage): void {
    this.#channel.post(encodeMessage(message))
  }

  /** Leaves the channel. */
  close(): void {
    this.#unsubscribe()
    this.#channel.close()
  }

  #receive(bytes: unknown): void {
    if (!(bytes instanceof Uint8Array)) return
    try {
      this.#handle(decodeServerMessage(bytes))
    } catch {
      // Another version of the page may post what this one cannot read. The server still brings everything.
    }
  }

  #handle(message: ReturnType<typeof decodeServerMessage>): void {
    switch (message?.type) {
      case "step1":
        return this.post({ type: "step2", update: Y.encodeStateAsUpdate(this.#ydoc, message.stateVector) })
      case "step2":
        return this.#handlers.update(message.update, false)
      case "update":
        return this.#handlers.update(message.update, true)
      case "presence":
        return this.#handlers.presence(message.entries)
      case "query-presence":
        return this.#handlers.presenceAsked()
      default:
        return
    }
  }
}

function openBroadcastChannel(name: string): Channel {
  const channel = new BroadcastChannel(name)
  return {
    post: (frame) => channel.postMessage(frame),
    subscribe: (listener) => {
      channel.onmessage = (event: MessageEvent<unknown>) => listener(event.data)
      return () => {
        channel.onmessage = null
      }
    },
    close: () => channel.close(),
  }
}
