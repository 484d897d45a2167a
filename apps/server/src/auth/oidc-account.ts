import type { Account } from "@quire/storage"
import { aboutServer, newAccount } from "../http/accounts.js"
import type { Members } from "./members.js"
import type { OidcPerson, OidcSetting } from "./oidc.js"
import { cleanName, EMAIL_TEXT, NAME_LENGTH } from "./people.js"

/** Why somebody whom the provider knows has no account here. */
export type OidcRefusal =
  | "QUIRE_OIDC_SET_UP"
  | "QUIRE_OIDC_SUSPENDED"
  | "QUIRE_OIDC_EMAIL"
  | "QUIRE_OIDC_TAKEN"
  | "QUIRE_OIDC_NOT_INVITED"
  | "QUIRE_DIRECTORY_FULL"

/**
 * The account of somebody who signed in with the provider, made if the policy allows it. Somebody is known again by
 * issuer and subject alone: an e-mail address changes hands, and an account of the same address is never taken over.
 */
export async function accountOf(
  members: Members,
  person: OidcPerson,
  join: OidcSetting["join"],
): Promise<Account | OidcRefusal> {
  const { directory, clock } = members
  const known = directory.accountByExternal(person.external)
  if (known !== undefined) return known.isSuspended ? "QUIRE_OIDC_SUSPENDED" : known
  // The first account is the owner's, and comes by the set-up link only.
  if (members.setUp.isNeeded) return "QUIRE_OIDC_SET_UP"
  const email = EMAIL_TEXT.safeParse(person.verifiedEmail)
  if (!email.success) return "QUIRE_OIDC_EMAIL"
  if (directory.accountByEmail(email.data) !== undefined) return "QUIRE_OIDC_TAKEN"
  const invitations = directory.invitations().filter((one) => one.email === email.data && one.expiresMs > clock.now())
  if (join === "invited" && invitations.length === 0) return "QUIRE_OIDC_NOT_INVITED"
  if (!directory.hasRoom("account")) return "QUIRE_DIRECTORY_FULL"
  const name = [...cleanName(person.name)].slice(0, NAME_LENGTH).join("") || email.data
  const account = newAccount(
    members,
    { name, email: email.data },
    { passwordHash: "", isAdmin: false, external: person.external },
  )
  await directory.change({
    put: [account],
    remove: invitations.map(({ id }) => ({ kind: "invitation", id })),
    audit: [aboutServer(members, account, "account.joined")],
  })
  return account
}
