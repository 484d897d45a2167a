import type { Page } from "@playwright/test"
import { assertNever } from "@quire/base"

/** What a page went through, in its own order. */
export type PageEvent =
  /** A key has changed the text. */
  | { readonly kind: "edit" }
  /** A socket was opened; sockets are counted from 1. */
  | { readonly kind: "open"; readonly socket: number }
  /** A socket was closed, or broke. */
  | { readonly kind: "close"; readonly socket: number }
  /** Content left on a socket: its n-th message of that kind, from 1. */
  | { readonly kind: "sent"; readonly socket: number; readonly number: number }
  /** The server says that content up to that message is on its disk. */
  | { readonly kind: "acknowledged"; readonly socket: number; readonly through: number }
  /** The save light says this from now on. */
  | { readonly kind: "light"; readonly text: string }

/** Writes down, from the next load of the page on, what its save light says and what it could know. */
export async function watchLight(page: Page): Promise<void> {
  await page.addInitScript(watch)
}

/** What was written down since the page was loaded. */
export function readEvents(page: Page): Promise<readonly PageEvent[]> {
  return page.evaluate(() => (window as unknown as { readonly pageEvents: readonly PageEvent[] }).pageEvents)
}

/**
 * What the light said that was not so, as sentences; none if it told the truth throughout. An edit is safe once a content message that left
 * after it was acknowledged on the same socket: PROTOCOL.md counts content messages from 1 on each connection.
 */
export function untruths(events: readonly PageEvent[]): readonly string[] {
  const found: string[] = []
  const open = new Set<number>()
  let edits = 0
  let safe = 0
  /** Of each socket's messages: how many edits there were when it left. */
  const sent = new Map<string, number>()
  for (const event of events) {
    switch (event.kind) {
      case "edit":
        edits++
        break
      case "open":
        open.add(event.socket)
        break
      case "close":
        open.delete(event.socket)
        break
      case "sent":
        sent.set(`${event.socket}/${event.number}`, edits)
        break
      case "acknowledged":
        safe = Math.max(safe, sent.get(`${event.socket}/${event.through}`) ?? 0)
        break
      case "light":
        if (!isTrue(event.text, edits - safe, open.size)) {
          found.push(
            `"${event.text}" after ${edits} edits, ${safe} of them acknowledged, with ${open.size} sockets open`,
          )
        }
        break
      default:
        assertNever(event)
    }
  }
  return found
}

function isTrue(text: string, waiting: number, openSockets: number): boolean {
  if (text === "Saved") return waiting === 0
  if (text === "Saving…") return waiting > 0
  const count = /^Saved on this device, (\d+)/.exec(text)?.[1]
  return count === undefined || (Number(count) === waiting && openSockets === 0)
}

/** Runs in the page, before anything else. */
function watch(): void {
  const events: PageEvent[] = []
  Object.assign(window, { pageEvents: events })
  const readNumber = (bytes: Uint8Array, from: number): number => {
    let value = 0
    let factor = 1
    for (const byte of bytes.subarray(from)) {
      value += (byte & 127) * factor
      if (byte < 128) break
      factor *= 128
    }
    return value
  }
  let sockets = 0
  const Native = window.WebSocket
  window.WebSocket = class extends Native {
    readonly #id = ++sockets
    #number = 0
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener("open", () => events.push({ kind: "open", socket: this.#id }))
      this.addEventListener("close", () => events.push({ kind: "close", socket: this.#id }))
      this.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return
        const bytes = new Uint8Array(data)
        if (bytes[0] !== 102) return
        events.push({ kind: "acknowledged", socket: this.#id, through: readNumber(bytes, 1) })
      })
    }
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      const bytes = data instanceof Uint8Array ? data : undefined
      if (bytes?.[0] === 0 && (bytes[1] === 1 || bytes[1] === 2)) {
        events.push({ kind: "sent", socket: this.#id, number: ++this.#number })
      }
      super.send(data as string)
    }
  }
  // In these events' own turns the text is changed; Enter is taken at once, before it could be pressed through.
  const edited = ({ target }: Event): void => {
    if (target instanceof Element && target.matches("[contenteditable=true]")) events.push({ kind: "edit" })
  }
  addEventListener("keypress", edited, { capture: true })
  addEventListener("keydown", (event) => event.key === "Enter" && edited(event), { capture: true })
  let said = ""
  const look = (): void => {
    const text = document.querySelector(".save-light [role=status]")?.textContent ?? ""
    if (text === said) return
    said = text
    events.push({ kind: "light", text })
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
}
