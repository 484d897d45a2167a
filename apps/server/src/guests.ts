import { createHash } from "node:crypto"
import { asUserId, type UserId } from "@quire/base"
import type { Gate } from "@quire/sync"

/** What a guest's device says of itself: at least 128 random bits. */
const GUEST_TOKEN = /^guest\.([A-Za-z0-9_-]{22,128})$/

/** Nobody in particular: stock clients, and whoever keeps no secret. */
const NOBODY = asUserId("")

/**
 * Who a guest is, in open mode: one device. The secret itself is kept nowhere; what is made of it is told to nobody, and
 * stands in the log as the author.
 */
export function guestOf(token: string): UserId {
  const secret = GUEST_TOKEN.exec(token)?.[1]
  if (secret === undefined) return NOBODY
  const hash = createHash("sha256").update(`quire guest ${secret}`).digest().subarray(0, 16)
  return asUserId(`guest:${hash.toString("base64url")}`)
}

/** In open mode everybody may write. Access rules come with accounts. */
export const openGate: Gate = async (_document, { token }) => ({ ok: true, user: guestOf(token), rights: "write" })
