import type { Clock, Random } from "@quire/base"
import type { Account, Directory, PasswordReset } from "@quire/storage"
import { hashSecret, isSecret, newSecret } from "./secrets.js"

/** A link to choose a new password is good for so long. */
export const RESET_MS: number = 86_400_000

/** What is needed to make one. */
export interface ResetPorts {
  readonly clock: Clock
  readonly random: Random
}

/** A reset just made: the only time that its secret is known. */
export interface NewReset {
  /** Put in place of the account's former one, which is then good for nothing. */
  readonly reset: PasswordReset
  readonly secret: string
}

/** What lets somebody choose a new password. @param madeBy the user who makes it; empty: whoever has the data folder. */
export function newReset(account: Account, madeBy: string, { clock, random }: ResetPorts): NewReset {
  const secret = newSecret(random)
  const createdMs = clock.now()
  const expiresMs = createdMs + RESET_MS
  const secretHash = hashSecret(secret)
  return { reset: { kind: "reset", id: account.id, secretHash, madeBy, createdMs, expiresMs }, secret }
}

/** Whose password a secret lets one choose; `undefined`: nobody's, or not any more. */
export function accountOfReset(directory: Directory, secret: string, nowMs: number): Account | undefined {
  const reset = isSecret(secret) ? directory.resetBySecret(hashSecret(secret)) : undefined
  if (reset === undefined || reset.expiresMs <= nowMs) return undefined
  const account = directory.account(reset.id)
  if (account === undefined || account.isSuspended) return undefined
  // Nobody but the operator makes one for an administrator, and somebody may have become one since.
  return account.isAdmin && reset.madeBy !== "" ? undefined : account
}
