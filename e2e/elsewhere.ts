import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { build } from "vite"
import { type WebSocket, WebSocketServer } from "ws"
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from "yjs"

/** A page that is not Quire's, and a server that speaks y-websocket and is not Quire's, on one port. */
export class Elsewhere {
  readonly #http: Server
  readonly #sockets = new Set<WebSocket>()
  readonly #ydoc = new Doc()

  private constructor(script: string) {
    this.#http = createServer((request, response) => {
      const isScript = request.url === "/page.js"
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html")
      response.end(
        isScript ? script : '<textarea aria-label="Notes" readonly></textarea><script src="/page.js"></script>',
      )
    })
    new WebSocketServer({ server: this.#http }).on("connection", (socket) => this.#serve(socket))
  }

  static async open(): Promise<Elsewhere> {
    const elsewhere = new Elsewhere(await bundle())
    elsewhere.#http.listen(0, "127.0.0.1")
    await once(elsewhere.#http, "listening")
    return elsewhere
  }

  get host(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}` // it listens on a TCP port
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate()
    this.#http.close()
  }

  /** Sync messages of the smallest server there can be: one ydoc for all rooms, no presence. */
  #serve(socket: WebSocket): void {
    this.#sockets.add(socket)
    socket.on("close", () => this.#sockets.delete(socket))
    socket.on("message", (frame: Buffer) => {
      const [type, kind] = frame
      if (type !== 0) return
      const content = contentOf(frame.subarray(2))
      if (kind === 0) {
        socket.send(message(1, encodeStateAsUpdate(this.#ydoc, content)))
        socket.send(message(0, encodeStateVector(this.#ydoc)))
      } else {
        applyUpdate(this.#ydoc, content)
        for (const other of this.#sockets) if (other !== socket) other.send(message(2, content))
      }
    })
  }
}

async function bundle(): Promise<string> {
  const input = "e2e/y-websocket-page.ts"
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, rollupOptions: { input, output: { format: "iife" } } },
  })
  const [first] = [built].flat()
  if (first === undefined || !("output" in first)) throw new TypeError("the page was not bundled")
  return first.output[0].code
}

/** y-protocols' sync message: 0, kind, then the content with its length before it. */
function message(kind: number, content: Uint8Array): Uint8Array {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Uint8Array.from([0, kind, ...length, ...content])
}

function contentOf(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte < 128) + 1
  return bytes.subarray(start)
}
