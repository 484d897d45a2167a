/**
 * Why signing in with a provider led back to the page that signs in, as a sentence: what happened, and what to do.
 *
 * @param search the page's address from `?` on; the server puts `problem=CODE` there. The words are ours whatever it
 * says: anybody can make up an address.
 * @returns `undefined` if nothing went wrong.
 * @see docs/errors.md
 */
export function providerProblem(search: string): string | undefined {
  const code = new URLSearchParams(search).get("problem")
  if (code === null) return undefined
  return WORDS.get(code) ?? "Signing in did not work. Try again."
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["QUIRE_OIDC_UNREACHABLE", "The other server, which knows who you are, does not answer. Try again in a minute."],
  ["QUIRE_OIDC_REFUSED", "Signing in was refused or broken off, or took over ten minutes. Try again."],
  ["QUIRE_OIDC_NOT_INVITED", "Nobody has invited your e-mail address to this server. Ask an administrator to."],
  [
    "QUIRE_OIDC_EMAIL",
    "Your e-mail address is not verified where you signed in. Have it verified there, then try again.",
  ],
  ["QUIRE_OIDC_TAKEN", "There is an account with your e-mail address here already. Sign in with its password."],
  ["QUIRE_OIDC_SUSPENDED", "Your account is suspended. Ask an administrator."],
  [
    "QUIRE_OIDC_SET_UP",
    "There is no account here yet. Whoever runs this server makes the first one, with the link that it printed.",
  ],
  ["QUIRE_DIRECTORY_FULL", "This server has as many accounts as it may. Ask an administrator."],
])
