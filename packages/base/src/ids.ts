/** A string or number that the compiler keeps apart from others of its kind. */
export type Branded<T, Name extends string> = T & { readonly __brand: Name }

/** What a reader opens, names and shares: the NAME of `/sync/NAME`, 1 to 256 bytes of UTF-8, no control characters. */
export type DocumentId = Branded<string, "DocumentId">

/** Who acts: an account, or in open mode a guest. The empty string is nobody in particular. */
export type UserId = Branded<string, "UserId">

/** One authorised membership of one room, from joining to leaving. Never reused while the process lives. */
export type SessionId = Branded<number, "SessionId">

/** An update's place in its document's log: 1, 2, 3 …, gap-free. 0 is the place before the first. */
export type Sequence = Branded<number, "Sequence">

/** Yjs's number for one ydoc instance, 0 to 2^53 − 1; never a user. */
export type ClientId = Branded<number, "ClientId">

/** Longest document id, in bytes of UTF-8. */
export const DOCUMENT_ID_MAX_BYTES = 256

/**
 * Read a document id out of text from outside.
 *
 * @returns the id, or the reason why the text is not one, as a sentence for the person who sent it.
 */
export function parseDocumentId(
  text: string,
): { readonly ok: true; readonly id: DocumentId } | { readonly ok: false; readonly reason: string } {
  if (text.length === 0) return { ok: false, reason: "the document name is empty" }
  if (!text.isWellFormed()) return { ok: false, reason: "the document name is not well-formed Unicode" }
  const bytes = utf8Length(text)
  if (bytes > DOCUMENT_ID_MAX_BYTES) {
    return { ok: false, reason: `the document name is ${bytes} bytes, limit ${DOCUMENT_ID_MAX_BYTES}` }
  }
  if (hasControlCharacter(text)) return { ok: false, reason: "the document name has a control character" }
  return { ok: true, id: text as DocumentId }
}

/** The number as a sequence. The caller vouches that it is a whole number ≥ 0. */
export function asSequence(value: number): Sequence {
  return value as Sequence
}

/** The number as a client id. The caller vouches that it is a whole number from 0 to 2^53 − 1. */
export function asClientId(value: number): ClientId {
  return value as ClientId
}

/** The text as a user id. The caller vouches for where it comes from. */
export function asUserId(value: string): UserId {
  return value as UserId
}

/** C0 and C1 control characters and DEL. */
function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true
  }
  return false
}

/** Bytes of well-formed text in UTF-8. */
function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
