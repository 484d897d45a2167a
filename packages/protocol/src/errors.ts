import { QuireError } from "@quire/base"
import { CloseCode } from "./close.js"

/** Codes of bytes that are not of this protocol. See docs/errors.md. */
export type ProtocolErrorCode =
  | "QUIRE_FRAME_EMPTY"
  | "QUIRE_FRAME_TEXT"
  | "QUIRE_FRAME_TOO_LARGE"
  | "QUIRE_FRAME_UNKNOWN_TYPE"
  | "QUIRE_FRAME_MALFORMED"
  | "QUIRE_FRAME_OUT_OF_ORDER"
  | "QUIRE_UPDATE_MALFORMED"
  | "QUIRE_UPDATE_TOO_LARGE"
  | "QUIRE_PRESENCE_TOO_LARGE"

/** Untrusted bytes that broke a rule: ends the session that sent them, never the room. */
export class ProtocolError extends QuireError {
  /** The close code that tells the sender. */
  readonly close: CloseCode

  constructor(
    code: ProtocolErrorCode,
    message: string,
    options: { readonly close?: CloseCode; readonly hint?: string } = {},
  ) {
    super(code, message, options.hint === undefined ? {} : { hint: options.hint })
    this.close = options.close ?? CloseCode.Malformed
  }
}
