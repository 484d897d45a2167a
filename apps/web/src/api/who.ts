import { cleanName, readPerson } from "@quire/editor"
import { type Call, type CallOptions, unlessMissing } from "./call.js"
import { readFields, readOptionalText, readText } from "./read.js"

/** Somebody whom the server knows. */
export interface SignedIn {
  /** `account`: has one here; `guest`: came by a share link; `token`: was sent by another application. */
  readonly kind: "account" | "guest" | "token"
  /** Who, as an id that stays; 1 to 256 characters. */
  readonly id: string
  /** What others call them, cleaned as others see it; never empty. */
  readonly name: string
  /** Their colour, `#rrggbb`. */
  readonly color: string
  /** What they sign in with, if they have an account. */
  readonly email?: string
  /** Whether they look after the server's people. */
  readonly isAdmin: boolean
}

/** Ways to sign in. */
export interface Ways {
  /** With an address and a password. */
  readonly hasPassword: boolean
  /** With another server's account: what that server is called. */
  readonly provider: string | undefined
}

/** What the server says of whoever asks. */
export type WhoAnswer =
  /** Everybody may do everything; nobody has to be anybody. */
  | { readonly mode: "open" }
  | {
      readonly mode: "members"
      /** Who asks; `undefined` if the server does not know. */
      readonly person: SignedIn | undefined
      readonly ways: Ways
      /** Whether nobody has an account yet. */
      readonly needsSetup: boolean
    }

/** Asks who we are. A server that does not know the question is an open one. */
export async function askWho(call: Call, options?: CallOptions): Promise<WhoAnswer> {
  const body = await unlessMissing(call({ ...options, method: "GET", path: "/api/session" }))
  return body === undefined ? { mode: "open" } : readWho(body)
}

/** Reads what the server says of whoever asks. @throws QuireError `QUIRE_UNREADABLE`. */
export function readWho(body: unknown): WhoAnswer {
  const { mode, person, signIn, needsSetup } = readFields(body, "the answer")
  if (mode !== "members") return { mode: "open" }
  const { password, oidc } = readFields(signIn, "the ways to sign in")
  const provider = oidc === null || oidc === undefined ? undefined : readFields(oidc, "the provider").name
  return {
    mode,
    person: person === null || person === undefined ? undefined : readSignedIn(person),
    ways: {
      hasPassword: password === true,
      provider: provider === undefined ? undefined : cleanName(provider) || "your organisation",
    },
    needsSetup: needsSetup === true,
  }
}

/** Reads a person. @throws QuireError `QUIRE_UNREADABLE`. */
export function readSignedIn(body: unknown): SignedIn {
  const { kind, id, isAdmin, ...fields } = readFields(body, "a person")
  const email = readOptionalText(fields.email, "a person's address")
  return {
    kind: kind === "guest" || kind === "token" ? kind : "account",
    id: readText(id, "a person's id", 256),
    ...readPerson(fields),
    ...(email === undefined ? {} : { email }),
    isAdmin: isAdmin === true,
  }
}
