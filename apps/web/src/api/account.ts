import { cleanName, NAMELESS } from "@quire/editor"
import type { Call } from "./call.js"
import { readCount, readFields, readOptionalText, readRows, readText } from "./read.js"
import { readSignedIn, type SignedIn } from "./who.js"

/** What an account is made with. */
export interface NewAccount {
  /** From the set-up link or the invitation. */
  readonly secret: string
  readonly name: string
  readonly email: string
  readonly password: string
}

/** One browser in which the person is signed in. */
export interface SignInSession {
  readonly id: string
  /** When it began, in milliseconds since the epoch. */
  readonly createdMs: number
  /** When it was last of use, in milliseconds since the epoch. */
  readonly seenMs: number
  /** What the browser calls itself. */
  readonly agent: string
  /** Whether it is the one that asks. */
  readonly isThis: boolean
}

/** What an invitation says to whoever follows its link. */
export interface OpenedInvitation {
  /** Who invites. */
  readonly invitedBy: string
  /** The address that it is for, if it is for one. */
  readonly email: string | undefined
}

/** Whose password a link lets one choose. */
export interface OpenedReset {
  readonly name: string
  readonly email: string
}

/** What a share link leads to. */
export interface OpenedLink {
  /** The document's name. */
  readonly document: string
}

/** The server's calls about one's own account. They reject as `Call` does. */
export interface AccountApi {
  /** Makes the first account, and signs in. */
  setUp(account: NewAccount): Promise<SignedIn>
  /** Signs in. Rejects with `QUIRE_SIGN_IN_WRONG`, or `QUIRE_TOO_MANY_TRIES`. */
  signIn(email: string, password: string): Promise<SignedIn>
  /** Ends this sign-in. */
  signOut(): Promise<void>
  /** Where one is signed in. */
  listSessions(): Promise<readonly SignInSession[]>
  /** Ends one of them. */
  endSession(id: string): Promise<void>
  /** Ends all but this one. */
  endOtherSessions(): Promise<void>
  /** Takes another name or colour. */
  change(change: { readonly name?: string; readonly color?: string }): Promise<SignedIn>
  /** Takes another password. */
  changePassword(current: string, next: string): Promise<void>
  /** Reads an invitation. Rejects with `QUIRE_NOT_FOUND` if it is used, withdrawn or too old. */
  openInvitation(secret: string): Promise<OpenedInvitation>
  /** Makes an account by an invitation, and signs in. */
  acceptInvitation(account: NewAccount): Promise<SignedIn>
  /** Reads a link by which a new password is chosen. Rejects with `QUIRE_NOT_FOUND` if it is no good any more. */
  openReset(secret: string): Promise<OpenedReset>
  /** Chooses the password, and signs in. */
  choosePassword(secret: string, password: string): Promise<SignedIn>
  /**
   * Opens a share link. Rejects with `QUIRE_LINK_PASSWORD` if it wants another password, `QUIRE_NOT_FOUND` if it leads
   * nowhere any more.
   */
  openLink(link: { readonly secret: string; readonly password?: string; readonly name?: string }): Promise<OpenedLink>
}

/** The calls. */
export function createAccountApi(call: Call): AccountApi {
  const post = (path: string, body: unknown): Promise<unknown> => call({ method: "POST", path, body })
  const remove = async (path: string): Promise<void> => void (await call({ method: "DELETE", path }))
  return {
    setUp: async (account) => readSignedIn(await post("/api/setup", account)),
    signIn: async (email, password) => readSignedIn(await post("/api/sign-in", { email, password })),
    signOut: async () => void (await post("/api/sign-out", {})),
    listSessions: async () => {
      const body = readFields(await call({ method: "GET", path: "/api/sessions" }), "the answer")
      return readRows(body.sessions, "sessions", readSession)
    },
    endSession: (id) => remove(`/api/sessions/${encodeURIComponent(id)}`),
    endOtherSessions: () => remove("/api/sessions"),
    change: async (change) => readSignedIn(await call({ method: "PATCH", path: "/api/account", body: change })),
    changePassword: async (current, next) => void (await post("/api/account/password", { current, next })),
    openInvitation: async (secret) => {
      const body = readFields(await post("/api/invitations/open", { secret }), "the invitation")
      return {
        invitedBy: readText(body.invitedBy, "who invites"),
        email: readOptionalText(body.email, "the invitation's address"),
      }
    },
    acceptInvitation: async (account) => readSignedIn(await post("/api/invitations/accept", account)),
    openReset: async (secret) => {
      const { name, email } = readFields(await post("/api/resets/open", { secret }), "the link")
      return { name: cleanName(readText(name, "a name")) || NAMELESS, email: readText(email, "an address") }
    },
    choosePassword: async (secret, password) => readSignedIn(await post("/api/resets/use", { secret, password })),
    openLink: async (link) => {
      const body = readFields(await post("/api/links/open", link), "the link")
      return { document: readText(body.document, "the link's document") }
    },
  }
}

function readSession(row: unknown): SignInSession {
  const { id, createdMs, seenMs, agent, isThis } = readFields(row, "a session")
  return {
    id: readText(id, "a session's id"),
    createdMs: readCount(createdMs, "a session's begin"),
    seenMs: readCount(seenMs, "a session's last use"),
    agent: readOptionalText(agent, "a session's browser") ?? "",
    isThis: isThis === true,
  }
}
