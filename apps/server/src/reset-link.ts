import { QuireError } from "@quire/base"
import { checkFolder, DocumentLog } from "@quire/storage"
import { EMAIL_TEXT } from "./auth/people.js"
import { newReset, type ResetPorts } from "./auth/resets.js"
import { openLevel } from "./level.js"

/** Whose password, and where. */
export interface ResetWish {
  /** The data folder, which no server uses. */
  readonly dataDir: string
  /** The account's e-mail address, as it was typed. */
  readonly email: string
}

/**
 * `quire reset-link`: makes a link for an account, an administrator's too: whoever has the data folder has everything.
 *
 * @param say takes lines. @returns the process's exit code: 0 if there is a link, 1 if there is none and why was said.
 */
export async function runResetLink(wish: ResetWish, ports: ResetPorts, say: (line: string) => void): Promise<0 | 1> {
  try {
    // Opening the log would make a folder that is not there.
    await checkFolder(wish.dataDir)
    const log = await DocumentLog.open({
      directory: wish.dataDir,
      openLevel,
      fold: () => Promise.reject(new Error("nothing is folded here: the server does it when it runs again")),
      clock: ports.clock,
      onReport: ({ kind }) => say(`The folder is not sound (${kind}): quire doctor --data DIR says more.`),
    })
    try {
      return await makeLink(log, wish, { ports, say })
    } finally {
      await log.close()
    }
  } catch (error) {
    if (!(error instanceof QuireError)) throw error
    const hint =
      error.code === "QUIRE_STORAGE_LOCKED"
        ? "Stop the server first, and start it again afterwards."
        : (error.hint ?? "")
    say(`No link: ${error.message}. ${hint} (${error.code})`)
    return 1
  }
}

async function makeLink(
  { directory }: DocumentLog,
  { email }: ResetWish,
  { ports, say }: { readonly ports: ResetPorts; readonly say: (line: string) => void },
): Promise<0 | 1> {
  const read = EMAIL_TEXT.safeParse(email)
  const account = read.success ? directory.accountByEmail(read.data) : undefined
  if (account === undefined) {
    say(`No link: there is no account with the e-mail address ${JSON.stringify(email)}.`)
    return 1
  }
  if (account.isSuspended) {
    say("No link: this person is kept out. An administrator can let them in again.")
    return 1
  }
  const { reset, secret } = newReset(account, "", ports)
  const entry = { timeMs: ports.clock.now(), who: "", name: "", what: "reset.made", whom: account.email }
  await directory.change({ put: [reset], audit: [{ ...entry, detail: "operator", document: undefined }] })
  say(`/reset/${secret}`)
  say(`Start the server, and open its address with this path within 24 hours: ${account.email} gets another password.`)
  return 0
}
