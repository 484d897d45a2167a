import { assertNever, type DocumentId } from "@quire/base"
import {
  type AuditEntry,
  DIRECTORY_LIMITS,
  type DirectoryPlace,
  type DirectoryRecord,
  placeOf,
  type StoredRole,
} from "./directory-record.js"
import { KEY_ID_BYTES, keyId, Range } from "./keys.js"
import { SealReader, SealWriter, TEXT_PREFIX_BYTES } from "./sealed.js"

/** Version of the layouts of the directory. FORMAT.md, "The directory". */
export const DIRECTORY_VERSION = 1

/** Second byte of a key of the directory. */
const KINDS = { account: 1, "sign-in": 2, invitation: 3, access: 4, link: 5, publication: 7, reset: 8 } as const
/** The second byte of keys of audit entries. */
const AUDIT = 6

const ROLES: readonly StoredRole[] = ["owner", "editor", "commenter", "viewer"]
const HASH_BYTES = 32
const KEY_BYTES = 2 + KEY_ID_BYTES
const AUDIT_KEY_BYTES = KEY_BYTES + 8
/** 16 bytes in base64url. */
const ID = /^[A-Za-z0-9_-]{21}[AQgw]$/

/** The key of a record. @throws TypeError if the id is none. */
export function directoryKey(place: DirectoryPlace): Uint8Array {
  const key = new Uint8Array(KEY_BYTES)
  key[0] = Range.Directory
  key[1] = KINDS[place.kind]
  key.set("document" in place ? keyId(place.document) : idBytes(place.id), 2)
  return key
}

/** The key of an audit entry. @param document whose; `undefined`: the server's own. @param number 1, 2, 3 … of each. */
export function auditKey(document: DocumentId | undefined, number: number): Uint8Array {
  const key = new Uint8Array(AUDIT_KEY_BYTES)
  const view = new DataView(key.buffer)
  key[0] = Range.Directory
  key[1] = AUDIT
  if (document !== undefined) key.set(keyId(document), 2)
  view.setBigUint64(KEY_BYTES, BigInt(number))
  return key
}

/** The number in a key of an audit entry. */
export function auditNumber(key: Uint8Array): number {
  return Number(Buffer.from(key).readBigUInt64BE(KEY_BYTES))
}

/** The bounds of all audit entries of a subject. Both ends are included. */
export function auditBounds(document: DocumentId | undefined): { readonly gte: Uint8Array; readonly lte: Uint8Array } {
  return { gte: auditKey(document, 0), lte: auditKey(document, Number.MAX_SAFE_INTEGER) }
}

/** The bounds of all records: audit entries are left out, which lie in between. */
export const DIRECTORY_BOUNDS: readonly { readonly gte: Uint8Array; readonly lt: Uint8Array }[] = [
  { gte: Uint8Array.of(Range.Directory), lt: Uint8Array.of(Range.Directory, AUDIT) },
  { gte: Uint8Array.of(Range.Directory, AUDIT + 1), lt: Uint8Array.of(Range.Directory + 1) },
]

/** The stored bytes of a record. @throws TypeError if a part of it is beyond its bound. */
export function encodeDirectoryRecord(record: DirectoryRecord): Uint8Array {
  const fields = new Fields()
  switch (record.kind) {
    case "account":
      fields.id(record.id).texts(record.email, record.name, record.color, record.passwordHash, record.external)
      fields.u8(flags(record.isAdmin, record.isSuspended)).u53(record.createdMs)
      break
    case "sign-in":
      fields.id(record.id).hash(record.secretHash).optionalId(record.account)
      fields.texts(record.name, record.color, record.agent).u53(record.createdMs).u53(record.seenMs)
      fields.list(record.links, DIRECTORY_LIMITS.openedLinks, (link) => fields.id(link))
      break
    case "invitation":
      fields.id(record.id).hash(record.secretHash).texts(record.email).id(record.invitedBy)
      fields.u53(record.createdMs).u53(record.expiresMs)
      break
    case "access":
      fields.texts(record.document)
      fields.list(record.members, DIRECTORY_LIMITS.members, ({ user, role }) => {
        fields.texts(user).role(role)
      })
      break
    case "link":
      fields.id(record.id).hash(record.secretHash).texts(record.document).role(record.role)
      fields.texts(record.passwordHash, record.madeBy, record.label)
      fields.u53(record.expiresMs).u53(record.maxViews).u53(record.views).u53(record.createdMs)
      break
    case "publication":
      fields
        .texts(record.document)
        .id(record.address)
        .u8(record.isIndexed ? 1 : 0)
        .u53(record.createdMs)
      fields.texts(record.madeBy)
      break
    case "reset":
      fields.id(record.id).hash(record.secretHash).texts(record.madeBy).u53(record.createdMs).u53(record.expiresMs)
      break
    default:
      return assertNever(record)
  }
  return fields.seal()
}

/**
 * Read a record back.
 *
 * @param key where it lay: it must be the record of that key.
 * @throws StorageError `QUIRE_STORAGE_CORRUPT`.
 */
export function decodeDirectoryRecord(key: Uint8Array, value: Uint8Array): DirectoryRecord {
  const reader = new SealReader(value, DIRECTORY_VERSION, () => `the directory's record ${hex(key)}`)
  const record = readRecord(key[1], reader)
  reader.end()
  if (Buffer.compare(directoryKey(placeOf(record)), key) !== 0) throw reader.corrupt("its bytes are those of another")
  return record
}

function readRecord(kind: number | undefined, reader: SealReader): DirectoryRecord {
  switch (kind) {
    case KINDS.account: {
      const id = readId(reader)
      const [email, name, color, passwordHash, external] = [
        text(reader),
        text(reader),
        text(reader),
        text(reader),
        text(reader),
      ]
      const bits = reader.u8()
      if (bits > 3) throw reader.corrupt(`its flags are ${bits}, known are 0 to 3`)
      const createdMs = reader.u53()
      const [isAdmin, isSuspended] = [(bits & 1) !== 0, (bits & 2) !== 0]
      return { kind: "account", id, email, name, color, passwordHash, external, isAdmin, isSuspended, createdMs }
    }
    case KINDS["sign-in"]: {
      const id = readId(reader)
      const secretHash = readHash(reader)
      const account = reader.u8() === 0 ? "" : readId(reader)
      const [name, color, agent] = [text(reader), text(reader), text(reader)]
      const createdMs = reader.u53()
      const seenMs = reader.u53()
      const links = readList(reader, DIRECTORY_LIMITS.openedLinks, () => readId(reader))
      return { kind: "sign-in", id, secretHash, account, name, color, agent, createdMs, seenMs, links }
    }
    case KINDS.invitation: {
      const id = readId(reader)
      const secretHash = readHash(reader)
      const email = text(reader)
      const invitedBy = readId(reader)
      const createdMs = reader.u53()
      return { kind: "invitation", id, secretHash, email, invitedBy, createdMs, expiresMs: reader.u53() }
    }
    case KINDS.access: {
      const document = text(reader) as DocumentId // compared with the key by the caller
      const members = readList(reader, DIRECTORY_LIMITS.members, () => ({ user: text(reader), role: readRole(reader) }))
      return { kind: "access", document, members }
    }
    case KINDS.link: {
      const id = readId(reader)
      const secretHash = readHash(reader)
      const document = text(reader) as DocumentId // the server wrote it from one
      const role = readRole(reader)
      const [passwordHash, madeBy, label] = [text(reader), text(reader), text(reader)]
      const [expiresMs, maxViews, views, createdMs] = [reader.u53(), reader.u53(), reader.u53(), reader.u53()]
      const times = { expiresMs, maxViews, views, createdMs }
      return { kind: "link", id, secretHash, document, role, passwordHash, madeBy, label, ...times }
    }
    case KINDS.publication: {
      const document = text(reader) as DocumentId // compared with the key by the caller
      const address = readId(reader)
      const indexed = reader.u8()
      if (indexed > 1) throw reader.corrupt(`its flag is ${indexed}, known are 0 and 1`)
      const createdMs = reader.u53()
      return { kind: "publication", document, address, isIndexed: indexed === 1, createdMs, madeBy: text(reader) }
    }
    case KINDS.reset: {
      const id = readId(reader)
      const secretHash = readHash(reader)
      const madeBy = text(reader)
      const createdMs = reader.u53()
      return { kind: "reset", id, secretHash, madeBy, createdMs, expiresMs: reader.u53() }
    }
    default:
      throw reader.corrupt(`its kind is ${kind}, known are ${Object.values(KINDS).join(", ")}`)
  }
}

/** The stored bytes of an audit entry. @param number its own, which its key says too. */
export function encodeAuditEntry(entry: AuditEntry, number: number): Uint8Array {
  const { timeMs, who, name, what, whom, detail } = entry
  return new Fields().u53(number).u53(timeMs).texts(who, name, what, whom, detail).seal()
}

/** Read an audit entry back. @throws StorageError `QUIRE_STORAGE_CORRUPT`. */
export function decodeAuditEntry(key: Uint8Array, value: Uint8Array): AuditEntry {
  const reader = new SealReader(value, DIRECTORY_VERSION, () => `the audit entry ${hex(key)}`)
  if (key.length !== AUDIT_KEY_BYTES) throw reader.corrupt(`its key is ${key.length} bytes long`)
  const number = reader.u53()
  if (number !== auditNumber(key)) throw reader.corrupt(`its bytes are those of entry ${number}`)
  const timeMs = reader.u53()
  const [who, name, what, whom, detail] = [text(reader), text(reader), text(reader), text(reader), text(reader)]
  reader.end()
  return { timeMs, who, name, what, whom, detail }
}

/** Say what is wrong with a stored value of the directory, by throwing. @throws StorageError `QUIRE_STORAGE_CORRUPT`. */
export function checkDirectoryValue(key: Uint8Array, value: Uint8Array): void {
  if (key[1] === AUDIT) decodeAuditEntry(key, value)
  else decodeDirectoryRecord(key, value)
}

/** Gathers the fields of a value, whose size must be known before it is written. */
class Fields {
  #sizeBytes = 0
  readonly #steps: ((writer: SealWriter) => void)[] = []

  u8(value: number): this {
    return this.#add(1, (writer) => writer.u8(value))
  }

  u53(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${value} is not a whole number from 0`)
    return this.#add(8, (writer) => writer.u53(value))
  }

  texts(...values: readonly string[]): this {
    for (const value of values) {
      const sizeBytes = Buffer.byteLength(value)
      if (sizeBytes > DIRECTORY_LIMITS.textBytes) {
        throw new TypeError(`a text of the directory is ${sizeBytes} bytes, limit ${DIRECTORY_LIMITS.textBytes}`)
      }
      this.#add(TEXT_PREFIX_BYTES + sizeBytes, (writer) => writer.text(value, sizeBytes))
    }
    return this
  }

  id(value: string): this {
    return this.#raw(idBytes(value))
  }

  optionalId(value: string): this {
    return value === "" ? this.u8(0) : this.u8(1).id(value)
  }

  hash(value: Uint8Array): this {
    if (value.length !== HASH_BYTES) throw new TypeError(`a hash is ${value.length} bytes long, not ${HASH_BYTES}`)
    return this.#raw(value)
  }

  role(value: StoredRole): this {
    const at = ROLES.indexOf(value)
    if (at < 0) throw new TypeError(`"${String(value)}" is no role`)
    return this.u8(at + 1)
  }

  list<T>(values: readonly T[], most: number, each: (value: T) => void): this {
    if (values.length > most) throw new TypeError(`a list of the directory has ${values.length} entries, limit ${most}`)
    this.#add(2, (writer) => writer.u16(values.length))
    for (const value of values) each(value)
    return this
  }

  seal(): Uint8Array {
    const writer = new SealWriter(DIRECTORY_VERSION, this.#sizeBytes)
    for (const step of this.#steps) step(writer)
    return writer.seal().value
  }

  #raw(bytes: Uint8Array): this {
    return this.#add(bytes.length, (writer) => writer.raw(bytes))
  }

  #add(sizeBytes: number, step: (writer: SealWriter) => void): this {
    this.#sizeBytes += sizeBytes
    this.#steps.push(step)
    return this
  }
}

function flags(isAdmin: boolean, isSuspended: boolean): number {
  return (isAdmin ? 1 : 0) + (isSuspended ? 2 : 0)
}

function idBytes(id: string): Uint8Array {
  if (!ID.test(id)) throw new TypeError(`"${id}" names no record of the directory`)
  return Buffer.from(id, "base64url")
}

function readId(reader: SealReader): string {
  return Buffer.from(reader.raw(KEY_ID_BYTES)).toString("base64url")
}

/** A copy: the value it is read from is not kept. */
function readHash(reader: SealReader): Uint8Array {
  return Uint8Array.from(reader.raw(HASH_BYTES))
}

function readRole(reader: SealReader): StoredRole {
  const byte = reader.u8()
  const role = ROLES[byte - 1]
  if (role === undefined) throw reader.corrupt(`a role is ${byte}, known are 1 to 4`)
  return role
}

function readList<T>(reader: SealReader, most: number, each: () => T): T[] {
  const count = reader.u16()
  if (count > most) throw reader.corrupt(`a list has ${count} entries, limit ${most}`)
  return Array.from({ length: count }, each)
}

function text(reader: SealReader): string {
  const value = reader.text()
  const sizeBytes = Buffer.byteLength(value)
  if (sizeBytes > DIRECTORY_LIMITS.textBytes) throw reader.corrupt(`a text is ${sizeBytes} bytes long`)
  return value
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
