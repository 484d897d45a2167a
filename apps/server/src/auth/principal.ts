import { type Role, strongest } from "@quire/access"
import { asUserId, type Clock, type DocumentId, type UserId } from "@quire/base"
import type { Catalogue, Directory, ShareLink, SignIn } from "@quire/storage"
import type { SignIns } from "./sign-ins.js"

/** Who a request or a socket is. */
export type Principal =
  | {
      readonly kind: "account"
      /** `account:<id>` */
      readonly user: UserId
      readonly name: string
      readonly color: string
      readonly email: string
      readonly isAdmin: boolean
      /** The sign-in's id; no secret. */
      readonly session: string
      /** Share links opened with it. */
      readonly links: readonly string[]
    }
  | {
      readonly kind: "guest"
      /** `link:<sign-in id>` */
      readonly user: UserId
      readonly name: string
      readonly color: string
      readonly session: string
      readonly links: readonly string[]
    }
  | {
      readonly kind: "token"
      /** `jwt:<issuer's hash>:<sub>` */
      readonly user: UserId
      readonly name: string
      readonly color: string
      /** Roles by documents, as the embedding application signed them. */
      readonly grants: ReadonlyMap<DocumentId, Role>
      readonly expiresAtMs: number
      /** Whether the key that signed it is still believed, for the same issuer and audience; left out: for ever. */
      readonly isVouchedFor?: () => boolean
    }
  | { readonly kind: "nobody" }

/** Somebody an embedding application vouches for. */
export type TokenPrincipal = Principal & { readonly kind: "token" }

/** Reads a token; `undefined`: it is none of a known application, or no longer good. */
export type VerifyToken = (token: string) => Promise<TokenPrincipal | undefined>

/** What principals are found with. */
export interface PrincipalsSetting {
  readonly directory: Directory
  readonly catalogue: Pick<Catalogue, "get">
  readonly signIns: SignIns
  readonly clock: Clock
  /** Left out where no application is known. */
  readonly verifyToken?: VerifyToken | undefined
  /** Calls the listener whenever other keys are believed. @returns the undo. Left out where keys do not change. */
  readonly onKeysChanged?: ((listener: () => void) => () => void) | undefined
}

/** Nobody in particular. */
export const NOBODY: Principal = { kind: "nobody" }

/** Tells who somebody is, and what that person is to a document. */
export class Principals {
  readonly #setting: PrincipalsSetting

  constructor(setting: PrincipalsSetting) {
    this.#setting = setting
  }

  /** Who brings these credentials. A token counts before a cookie, and one that is no good makes nobody of anybody. */
  async of(credentials: { readonly token: string; readonly cookie: string | undefined }): Promise<Principal> {
    const { token, cookie } = credentials
    if (token === "") return this.ofSignIn(this.#setting.signIns.ofCookie(cookie))
    return (await this.#setting.verifyToken?.(token)) ?? NOBODY
  }

  /** Whose a sign-in is, as things stand. */
  ofSignIn(signIn: SignIn | undefined): Principal {
    if (signIn === undefined) return NOBODY
    const { id: session, links } = signIn
    if (signIn.account === "") {
      const { name, color } = signIn
      return { kind: "guest", user: asUserId(`link:${session}`), name, color, session, links }
    }
    const account = this.#setting.directory.account(signIn.account)
    if (account === undefined || account.isSuspended) return NOBODY
    const { name, color, email, isAdmin } = account
    return { kind: "account", user: userOf(account.id), name, color, email, isAdmin, session, links }
  }

  /** The same principal as things stand now. */
  again(principal: Principal): Principal {
    if (principal.kind === "nobody") return NOBODY
    if (principal.kind === "token") {
      const isGood = principal.expiresAtMs > this.#setting.clock.now() && principal.isVouchedFor?.() !== false
      return isGood ? principal : NOBODY
    }
    return this.ofSignIn(this.#setting.signIns.good(principal.session))
  }

  /** Calls `listener` whenever a token may have lost what it rests on. @returns the undo. */
  watchKeys(listener: () => void): () => void {
    return this.#setting.onKeysChanged?.(listener) ?? (() => undefined)
  }

  /**
   * What somebody is to a document: the strongest of a membership, the links that were opened and are still good, and
   * what a token grants. A document without members, from before there were accounts, is the administrators'.
   *
   * @param isThere whether there is such a document, where the caller knows.
   */
  async roleOf(principal: Principal, document: DocumentId, isThere?: boolean): Promise<Role | undefined> {
    if (principal.kind === "nobody") return undefined
    const access = this.#setting.directory.access(document)
    const member = access?.members.find(({ user }) => user === principal.user)?.role
    if (principal.kind === "token") return strongest(member, principal.grants.get(document))
    const role = strongest(member, ...this.goodLinks(principal, document).map((link) => link.role))
    if (access !== undefined || principal.kind !== "account" || !principal.isAdmin) return role
    const isFound = isThere ?? (await this.#setting.catalogue.get(document)) !== undefined
    return isFound ? "owner" : role
  }

  /** The links by which somebody comes to a document, as far as they are still good. */
  goodLinks(principal: Principal, document: DocumentId): readonly ShareLink[] {
    if (principal.kind !== "account" && principal.kind !== "guest") return []
    return principal.links.flatMap((id) => {
      const link = this.#setting.directory.link(id)
      return link?.document === document && isGood(link, this.#setting.clock.now()) ? [link] : []
    })
  }
}

/** An account's user id. */
export function userOf(account: string): UserId {
  return asUserId(`account:${account}`)
}

/** The account of a user id, if it is one. */
export function accountOf(user: string): string | undefined {
  return user.startsWith("account:") ? user.slice("account:".length) : undefined
}

/** Whether a link has not ended. Views are counted when it is opened, and do not end what was opened. */
export function isGood(link: ShareLink, nowMs: number): boolean {
  return link.expiresMs === 0 || link.expiresMs > nowMs
}
