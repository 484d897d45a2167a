import { asClientId, type Clock, type DocumentId, QuireError } from "@quire/base"
import {
  type ClientMessage,
  CloseCode,
  type Dialect,
  decodeClientMessage,
  LIMITS,
  ProtocolError,
} from "@quire/protocol"
import type { Credentials, Gate } from "./gate.js"
import type { Link, Watch } from "./ports.js"
import type { Room } from "./room.js"
import type { Rooms } from "./rooms.js"
import type { Session } from "./session.js"

/** What connections are made with. */
export interface ConnectionSetting {
  readonly rooms: Rooms
  readonly gate: Gate
  readonly clock: Clock
  readonly watch: Watch
}

type State =
  /** Native: nothing but a hello may come. */
  | { readonly kind: "expecting-hello"; readonly cancelDeadline: () => void }
  /** The gate is asked, the room opens; what comes meanwhile is kept. */
  | { readonly kind: "entering"; readonly waiting: Uint8Array[] }
  | { readonly kind: "joined"; readonly room: Room; readonly session: Session }
  | { readonly kind: "closed" }

/** A native client has this long to say hello. */
const HELLO_MS = 10_000

/**
 * A transport link from its opening to its end: frame → decode → authorise → room. This is the whole road on one
 * screen; everything it throws ends this one connection.
 */
export class Connection {
  readonly #setting: ConnectionSetting
  readonly #link: Link
  readonly #document: DocumentId
  readonly #dialect: Dialect
  readonly #cookie: string
  readonly #acceptedAtMs: number
  #state: State

  /** @param credentials what came with the request; a native client's token comes in its hello instead. */
  constructor(
    setting: ConnectionSetting,
    link: Link,
    document: DocumentId,
    dialect: Dialect,
    { token, cookie }: Credentials,
  ) {
    this.#setting = setting
    this.#cookie = cookie
    this.#link = link
    this.#document = document
    this.#dialect = dialect
    this.#acceptedAtMs = setting.clock.elapsed()
    if (dialect === "plain") {
      this.#state = { kind: "entering", waiting: [] }
      this.#enter({ type: "hello", clientId: asClientId(0), schema: 0, resume: undefined, token })
    } else {
      const cancelDeadline = setting.clock.schedule(HELLO_MS, () => this.#tooLate())
      this.#state = { kind: "expecting-hello", cancelDeadline }
    }
  }

  /** A frame has arrived. */
  receive(frame: Uint8Array): void {
    try {
      this.#receive(frame)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The link has taken all that was queued. */
  drained(): void {
    if (this.#state.kind === "joined") this.#state.room.drained(this.#state.session)
  }

  /** The link is closed, from either side. */
  closed(): void {
    if (this.#state.kind === "joined") this.#state.room.leave(this.#state.session)
    if (this.#state.kind === "expecting-hello") this.#state.cancelDeadline()
    this.#state = { kind: "closed" }
  }

  /** The transport found something that is no frame of ours: ends the connection with the reason. */
  refuse(error: ProtocolError): void {
    this.#fail(error)
  }

  #receive(frame: Uint8Array): void {
    switch (this.#state.kind) {
      case "joined":
        return this.#state.room.receive(this.#state.session, decodeClientMessage(frame, this.#dialect))
      case "expecting-hello":
        return this.#hello(decodeClientMessage(frame, this.#dialect))
      case "entering":
        return this.#keep(this.#state.waiting, frame)
      case "closed":
        return
    }
  }

  #hello(message: ClientMessage): void {
    if (message.type !== "hello") {
      throw new ProtocolError("QUIRE_FRAME_OUT_OF_ORDER", `${message.type} before hello`, {
        hint: "Send hello first, or do not offer the subprotocol.",
      })
    }
    if (this.#state.kind === "expecting-hello") this.#state.cancelDeadline()
    this.#state = { kind: "entering", waiting: [] }
    this.#enter(message)
  }

  #enter(hello: ClientMessage & { readonly type: "hello" }): void {
    this.#link.pause()
    this.#admit(hello).catch((error: unknown) => this.#fail(error))
  }

  async #admit(hello: ClientMessage & { readonly type: "hello" }): Promise<void> {
    const { rooms, gate } = this.#setting
    const admission = await gate(this.#document, { token: hello.token, cookie: this.#cookie })
    if (!admission.ok) return this.#close(admission.close, admission.reason)
    if (this.#state.kind !== "entering") return
    const visitor = {
      link: this.#link,
      dialect: this.#dialect,
      user: admission.user,
      rights: admission.rights,
      acceptedAtMs: this.#acceptedAtMs,
      clientId: hello.clientId,
      schema: hello.schema,
    }
    const entered = await rooms.enter(this.#document, visitor, hello.resume)
    if (entered === undefined) return this.#close(CloseCode.Restart, "the server restarts")
    if (this.#state.kind !== "entering") return entered.room.leave(entered.session)
    const { waiting } = this.#state
    this.#state = { kind: "joined", ...entered }
    this.#link.resume()
    for (const frame of waiting) this.receive(frame)
  }

  #keep(waiting: Uint8Array[], frame: Uint8Array): void {
    const keptBytes = waiting.reduce((sum, other) => sum + other.length, frame.length)
    if (keptBytes > LIMITS.frameBytes) {
      throw new ProtocolError("QUIRE_FRAME_TOO_LARGE", `${keptBytes} bytes before the document was open`, {
        close: CloseCode.TooLarge,
        hint: "Wait for the server's first message.",
      })
    }
    waiting.push(frame)
  }

  #tooLate(): void {
    this.#close(CloseCode.Deadline, `QUIRE_HELLO_DEADLINE: no hello within ${HELLO_MS / 1_000} s`)
  }

  #fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.#setting.watch.event("connection.refused", { document: this.#document, code: error.code })
      return this.#close(error.close, `${error.code}: ${error.message}`)
    }
    const code = error instanceof QuireError ? error.code : "QUIRE_INTERNAL"
    this.#setting.watch.event("connection.failed", { document: this.#document, code, reason: String(error) })
    this.#close(CloseCode.ServerFault, `${code}: the server could not open or serve this document`)
  }

  #close(code: CloseCode, reason: string): void {
    this.#link.close(code, reason)
    this.closed()
  }
}
