import type { DocumentId } from "@quire/base"
import {
  type Account,
  type DirectoryId,
  type DirectoryPlace,
  type DirectoryRecord,
  type DocumentAccess,
  type Invitation,
  type PasswordReset,
  type Publication,
  placeOf,
  type ShareLink,
  type SignIn,
} from "./directory-record.js"

/** The records of a directory, and the ways in which they are looked up. */
export class DirectoryMemory {
  readonly accounts: Map<DirectoryId, Account> = new Map<DirectoryId, Account>()
  readonly byEmail: Map<string, Account> = new Map<string, Account>()
  readonly byExternal: Map<string, Account> = new Map<string, Account>()
  readonly signIns: Map<DirectoryId, SignIn> = new Map<DirectoryId, SignIn>()
  readonly signInsBySecret: BySecret<SignIn> = new BySecret<SignIn>()
  readonly signInsByAccount: Map<DirectoryId, Set<DirectoryId>> = new Map<DirectoryId, Set<DirectoryId>>()
  readonly invitations: Map<DirectoryId, Invitation> = new Map<DirectoryId, Invitation>()
  readonly invitationsBySecret: BySecret<Invitation> = new BySecret<Invitation>()
  readonly accesses: Map<DocumentId, DocumentAccess> = new Map<DocumentId, DocumentAccess>()
  readonly publications: Map<DocumentId, Publication> = new Map<DocumentId, Publication>()
  readonly publicationsByAddress: Map<string, Publication> = new Map<string, Publication>()
  readonly links: Map<DirectoryId, ShareLink> = new Map<DirectoryId, ShareLink>()
  readonly linksBySecret: BySecret<ShareLink> = new BySecret<ShareLink>()
  readonly linksByDocument: Map<DocumentId, Set<DirectoryId>> = new Map<DocumentId, Set<DirectoryId>>()
  readonly resets: Map<DirectoryId, PasswordReset> = new Map<DirectoryId, PasswordReset>()
  readonly resetsBySecret: BySecret<PasswordReset> = new BySecret<PasswordReset>()

  constructor(records: readonly DirectoryRecord[]) {
    for (const record of records) this.put(record)
  }

  /** How many records of a kind there are. */
  count(kind: DirectoryRecord["kind"]): number {
    return this.#all(kind).size
  }

  /** Whether there is a record of the kind. @param name its id; of access, the document. */
  has(kind: DirectoryRecord["kind"], name: string): boolean {
    return this.#all(kind).has(name)
  }

  put(record: DirectoryRecord): void {
    this.remove(placeOf(record))
    switch (record.kind) {
      case "account":
        this.accounts.set(record.id, record)
        this.byEmail.set(record.email, record)
        if (record.external !== "") this.byExternal.set(record.external, record)
        break
      case "sign-in":
        this.signIns.set(record.id, record)
        this.signInsBySecret.set(record)
        if (record.account !== "") addTo(this.signInsByAccount, record.account, record.id)
        break
      case "invitation":
        this.invitations.set(record.id, record)
        this.invitationsBySecret.set(record)
        break
      case "access":
        this.accesses.set(record.document, record)
        break
      case "publication":
        this.publications.set(record.document, record)
        this.publicationsByAddress.set(record.address, record)
        break
      case "link":
        this.links.set(record.id, record)
        this.linksBySecret.set(record)
        addTo(this.linksByDocument, record.document, record.id)
        break
      case "reset":
        this.resets.set(record.id, record)
        this.resetsBySecret.set(record)
    }
  }

  remove(place: DirectoryPlace): void {
    switch (place.kind) {
      case "account": {
        const account = this.accounts.get(place.id)
        if (account === undefined) return
        this.accounts.delete(place.id)
        this.byEmail.delete(account.email)
        this.byExternal.delete(account.external)
        break
      }
      case "sign-in": {
        const signIn = this.signIns.get(place.id)
        if (signIn === undefined) return
        this.signIns.delete(place.id)
        this.signInsBySecret.delete(signIn)
        if (signIn.account !== "") removeFrom(this.signInsByAccount, signIn.account, place.id)
        break
      }
      case "invitation": {
        const invitation = this.invitations.get(place.id)
        if (invitation === undefined) return
        this.invitations.delete(place.id)
        this.invitationsBySecret.delete(invitation)
        break
      }
      case "access":
        this.accesses.delete(place.document)
        break
      case "publication": {
        const publication = this.publications.get(place.document)
        if (publication === undefined) return
        this.publications.delete(place.document)
        this.publicationsByAddress.delete(publication.address)
        break
      }
      case "link": {
        const link = this.links.get(place.id)
        if (link === undefined) return
        this.links.delete(place.id)
        this.linksBySecret.delete(link)
        removeFrom(this.linksByDocument, link.document, place.id)
        break
      }
      case "reset": {
        const reset = this.resets.get(place.id)
        if (reset === undefined) return
        this.resets.delete(place.id)
        this.resetsBySecret.delete(reset)
      }
    }
  }

  #all(kind: DirectoryRecord["kind"]): ReadonlyMap<unknown, unknown> {
    switch (kind) {
      case "account":
        return this.accounts
      case "sign-in":
        return this.signIns
      case "invitation":
        return this.invitations
      case "access":
        return this.accesses
      case "publication":
        return this.publications
      case "link":
        return this.links
      case "reset":
        return this.resets
    }
  }
}

/** Records by the hash of their secret. How long a look-up takes tells at most something about hashes, not secrets. */
class BySecret<T extends { readonly secretHash: Uint8Array }> {
  readonly #records = new Map<string, T>()

  get(hash: Uint8Array): T | undefined {
    return this.#records.get(Buffer.from(hash).toString("base64"))
  }

  set(record: T): void {
    this.#records.set(Buffer.from(record.secretHash).toString("base64"), record)
  }

  delete(record: T): void {
    this.#records.delete(Buffer.from(record.secretHash).toString("base64"))
  }
}

function addTo<K, V>(groups: Map<K, Set<V>>, key: K, value: V): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, new Set([value]))
  else group.add(value)
}

function removeFrom<K, V>(groups: Map<K, Set<V>>, key: K, value: V): void {
  const group = groups.get(key)
  group?.delete(value)
  if (group?.size === 0) groups.delete(key)
}
