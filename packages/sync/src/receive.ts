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
import type { Session, Visitor } from "./session.js"
import { type LetIn, Tenure } from "./tenure.js"

/** What connections are made with. */
export interface ConnectionSetting {
  readonly rooms: Rooms
  readonly gate: Gate
  readonly clock: Clock
  readonly watch: Watch
}

type State =
  /** Native: nothing but a hello may come. */
  | { readonly kind: "expecting-hello"; readonly cookie: string; readonly cancelDeadline: () => void }
  /** The gate is asked, the room opens; what comes meanwhile is kept. */
  | { readonly kind: "entering"; readonly waiting: Uint8Array[]; readonly keptBytes: number }
  | { readonly kind: "joined"; readonly room: Room; readonly session: Session }
  | { readonly kind: "closed" }

/** A native client has this long to say hello. */
const HELLO_MS = 10_000
/** A kept frame costs about this much beside its bytes. */
const KEPT_FRAME_BYTES = 128

/**
 * A transport link from its opening to its end: frame → decode → authorise → room. This is the whole road on one
 * screen; everything it throws ends this one connection.
 */
export class Connection {
  readonly #setting: ConnectionSetting
  readonly #link: Link
  readonly #document: DocumentId
  readonly #dialect: Dialect
  readonly #acceptedAtMs: number
  #state: State
  /** From the gate's answer on, where that may change. */
  #tenure: Tenure | undefined

  /** @param credentials what came with the request; a native client's token comes in its hello instead. */
  constructor(
    setting: ConnectionSetting,
    link: Link,
    document: DocumentId,
    dialect: Dialect,
    { token, cookie }: Credentials,
  ) {
    this.#setting = setting
    this.#link = link
    this.#document = document
    this.#dialect = dialect
    this.#acceptedAtMs = setting.clock.elapsed()
    if (dialect === "plain") {
      this.#state = { kind: "entering", waiting: [], keptBytes: 0 }
      this.#enter({ type: "hello", clientId: asClientId(0), schema: 0, resume: undefined, token }, cookie)
    } else {
      const cancelDeadline = setting.clock.schedule(HELLO_MS, () => this.#tooLate())
      this.#state = { kind: "expecting-hello", cookie, cancelDeadline }
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
    this.#tenure?.end()
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
        return this.#hear(this.#state.room, this.#state.session, decodeClientMessage(frame, this.#dialect))
      case "expecting-hello":
        return this.#hello(this.#state, frame)
      case "entering":
        return this.#keep(this.#state, frame)
      case "closed":
        return
    }
  }

  #hear(room: Room, session: Session, message: ClientMessage): void {
    if (message.type === "token") this.#tenure?.refresh(message.token)
    else room.receive(session, message)
  }

  #hello({ cookie, cancelDeadline }: State & { readonly kind: "expecting-hello" }, frame: Uint8Array): void {
    if (frame.length > LIMITS.helloBytes) {
      throw new ProtocolError("QUIRE_FRAME_TOO_LARGE", `${frame.length} bytes before hello`, {
        close: CloseCode.TooLarge,
        hint: "Send hello first.",
      })
    }
    const message = decodeClientMessage(frame, this.#dialect)
    if (message.type !== "hello") {
      throw new ProtocolError("QUIRE_FRAME_OUT_OF_ORDER", `${message.type} before hello`, {
        hint: "Send hello first, or do not offer the subprotocol.",
      })
    }
    cancelDeadline()
    this.#state = { kind: "entering", waiting: [], keptBytes: 0 }
    this.#enter(message, cookie)
  }

  #enter(hello: ClientMessage & { readonly type: "hello" }, cookie: string): void {
    this.#link.pause()
    this.#admit(hello, cookie).catch((error: unknown) => this.#fail(error))
  }

  async #admit(hello: ClientMessage & { readonly type: "hello" }, cookie: string): Promise<void> {
    const { rooms, gate } = this.#setting
    const admission = await gate(this.#document, { token: hello.token, cookie })
    if (this.#state.kind !== "entering") return
    if (!admission.ok) return this.#close(admission.close, admission.reason)
    const tenure = admission.lease === undefined ? undefined : this.#tenureOf(admission)
    // Rights may have changed while the document was opened.
    const visitor = (): Visitor | undefined =>
      this.#state.kind === "entering" ? this.#visitor(hello, tenure?.answer ?? admission) : undefined
    const entered = await rooms.enter(this.#document, visitor, hello.resume)
    if (this.#state.kind !== "entering") return entered?.room.leave(entered.session)
    if (entered === undefined) return this.#close(CloseCode.Restart, "the server restarts")
    const { waiting } = this.#state
    this.#state = { kind: "joined", ...entered }
    if (tenure !== undefined) entered.room.change(entered.session, tenure.answer.rights, tenure.answer.identity)
    this.#link.resume()
    for (const frame of waiting) this.receive(frame)
  }

  #visitor({ clientId, schema }: ClientMessage & { readonly type: "hello" }, answer: LetIn): Visitor {
    const { user, rights, identity } = answer
    const [link, dialect, acceptedAtMs] = [this.#link, this.#dialect, this.#acceptedAtMs]
    return { link, dialect, user, rights, identity, acceptedAtMs, clientId, schema }
  }

  #tenureOf(answer: LetIn): Tenure {
    this.#tenure = new Tenure(this.#setting.clock, answer, {
      changed: () => this.#changed(),
      ended: (close, reason) => this.#ended(close, reason),
      refused: (code, text) => {
        if (this.#state.kind === "joined") this.#state.room.tell(this.#state.session, code, text)
      },
      failed: (error) => {
        this.#setting.watch.event("connection.refresh-failed", { document: this.#document, reason: String(error) })
      },
    })
    return this.#tenure
  }

  #changed(): void {
    if (this.#state.kind !== "joined" || this.#tenure === undefined) return
    const { rights, identity } = this.#tenure.answer
    this.#state.room.change(this.#state.session, rights, identity)
  }

  #ended(close: CloseCode, reason: string): void {
    if (this.#state.kind === "joined") this.#state.room.expel(this.#state.session, close, reason)
    else this.#link.close(close, reason)
    this.closed()
  }

  #keep(entering: State & { readonly kind: "entering" }, frame: Uint8Array): void {
    const { waiting } = entering
    const keptBytes = entering.keptBytes + frame.length + KEPT_FRAME_BYTES
    if (keptBytes > LIMITS.frameBytes) {
      throw new ProtocolError("QUIRE_FRAME_TOO_LARGE", `${keptBytes} bytes before the document was open`, {
        close: CloseCode.TooLarge,
        hint: "Wait for the server's first message.",
      })
    }
    waiting.push(frame)
    this.#state = { ...entering, keptBytes }
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
