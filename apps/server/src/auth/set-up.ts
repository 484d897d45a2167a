import { timingSafeEqual } from "node:crypto"
import type { Random } from "@quire/base"
import type { Directory } from "@quire/storage"
import { hashSecret, newSecret } from "./secrets.js"

/** The way in to a server that has no account yet: one secret, made anew at each start, dead once there is an account. */
export class SetUp {
  /** Told to the operator once; `undefined` if there are accounts. */
  readonly secret: string | undefined
  readonly #directory: Directory

  constructor(directory: Directory, random: Random) {
    this.#directory = directory
    this.secret = this.isNeeded ? newSecret(random) : undefined
  }

  /** True while there is no account. */
  get isNeeded(): boolean {
    return this.#directory.accounts().length === 0
  }

  /** Whether a secret opens the way. */
  isOpenedBy(secret: string): boolean {
    if (this.secret === undefined || !this.isNeeded) return false
    return timingSafeEqual(hashSecret(secret), hashSecret(this.secret))
  }
}
