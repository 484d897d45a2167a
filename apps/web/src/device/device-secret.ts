import type { Random } from "@quire/base"

/** Where the secret is kept on this device. */
const KEY = "quire.device"

/** 144 bits: what the server takes (at least 128), in whole characters of base64url. */
const SECRET_BYTES = 18

/**
 * The token that makes all pages of this browser one guest, after a reload too, and nobody else: the server keeps a hash
 * of it. It lasts as long as the page where the browser refuses storage.
 *
 * @param storage may throw: browsers refuse storage in some settings.
 */
export function guestToken(storage: () => Storage, random: Random): string {
  const kept = load(storage)
  if (kept !== undefined) return `guest.${kept}`
  const secret = base64url(random.bytes(SECRET_BYTES))
  try {
    storage().setItem(KEY, secret)
    // Another page may have kept its own at the same moment: both then take the one that lasts.
    return `guest.${load(storage) ?? secret}`
  } catch {
    return `guest.${secret}` // no storage: this page alone is this guest
  }
}

function load(storage: () => Storage): string | undefined {
  try {
    const kept = storage().getItem(KEY)
    return kept !== null && /^[A-Za-z0-9_-]{22,128}$/.test(kept) ? kept : undefined
  } catch {
    return undefined // no storage, so nothing was kept
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
}
