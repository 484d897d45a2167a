import { cleanName, NAMELESS } from "@quire/editor"
import type { Call } from "./call.js"
import { readCount, readFields, readOptionalText, readRows, readText } from "./read.js"

/** Somebody with an account. */
export interface Member {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly isAdmin: boolean
  /** When the account was made, in milliseconds since the epoch. */
  readonly createdMs: number
  /** Whether they are kept out for now. */
  readonly isSuspended: boolean
}

/** A link by which somebody may make an account, as long as nobody did. */
export interface Invitation {
  readonly id: string
  /** Whom it is for, if that was said. */
  readonly email: string | undefined
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresMs: number
}

/** An invitation just made: the only time that its address is known. */
export interface NewInvitation extends Invitation {
  readonly url: string
}

/** A link by which somebody chooses a new password, just made: the only time that its address is known. */
export interface NewReset {
  readonly url: string
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresMs: number
}

/** The server's calls about its people, for those who look after them. They reject as `Call` does. */
export interface PeopleApi {
  /** Everybody with an account. */
  list(): Promise<readonly Member[]>
  /** Keeps somebody out, or lets them in again. */
  suspend(id: string, isSuspended: boolean): Promise<void>
  /** Makes somebody an administrator, or no longer one. Rejects with `QUIRE_LAST_ADMIN` where nobody would be left. */
  setAdmin(id: string, isAdmin: boolean): Promise<void>
  /** Makes a link by which somebody who has lost a password chooses another one; a former one is then no good. */
  makeReset(id: string): Promise<NewReset>
  /** Invitations that are still good. */
  listInvitations(): Promise<readonly Invitation[]>
  /** Makes an invitation. */
  invite(email: string | undefined): Promise<NewInvitation>
  /** Withdraws an invitation. */
  withdraw(id: string): Promise<void>
}

/** The calls. */
export function createPeopleApi(call: Call): PeopleApi {
  return {
    list: async () => {
      const body = readFields(await call({ method: "GET", path: "/api/people" }), "the answer")
      return readRows(body.people, "people", readMember)
    },
    suspend: async (id, isSuspended) => {
      await call({ method: "PATCH", path: `/api/people/${encodeURIComponent(id)}`, body: { isSuspended } })
    },
    setAdmin: async (id, isAdmin) => {
      await call({ method: "PATCH", path: `/api/people/${encodeURIComponent(id)}`, body: { isAdmin } })
    },
    makeReset: async (id) => {
      const body = await call({ method: "POST", path: `/api/people/${encodeURIComponent(id)}/reset`, body: {} })
      const { url, expiresMs } = readFields(body, "the link")
      return { url: readText(url, "the link's address"), expiresMs: readCount(expiresMs, "the link's end") }
    },
    listInvitations: async () => {
      const body = readFields(await call({ method: "GET", path: "/api/invitations" }), "the answer")
      return readRows(body.invitations, "invitations", readInvitation)
    },
    invite: async (email) => {
      const body = await call({ method: "POST", path: "/api/invitations", body: email === undefined ? {} : { email } })
      const { url } = readFields(body, "the invitation")
      return { ...readInvitation(body), url: readText(url, "the invitation's address") }
    },
    withdraw: async (id) => {
      await call({ method: "DELETE", path: `/api/invitations/${encodeURIComponent(id)}` })
    },
  }
}

function readMember(row: unknown): Member {
  const { id, name, email, isAdmin, createdMs, isSuspended } = readFields(row, "a person")
  return {
    id: readText(id, "a person's id"),
    name: cleanName(name) || NAMELESS,
    email: readOptionalText(email, "a person's address") ?? "",
    isAdmin: isAdmin === true,
    createdMs: readCount(createdMs, "a person's first day"),
    isSuspended: isSuspended === true,
  }
}

function readInvitation(row: unknown): Invitation {
  const { id, email, expiresMs } = readFields(row, "an invitation")
  return {
    id: readText(id, "an invitation's id"),
    email: readOptionalText(email, "an invitation's address"),
    expiresMs: readCount(expiresMs, "an invitation's end"),
  }
}
