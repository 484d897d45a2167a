import { createHash } from "node:crypto"
import { isRole, type Role } from "@quire/access"
import { asUserId, type DocumentId, parseDocumentId, type UserId } from "@quire/base"
import type { TokenPrincipal } from "./principal.js"

/** Clocks of two machines may differ by this much. */
export const CLOCK_TOLERANCE_SECONDS = 30

/** Bounds of what a token says. */
export const CLAIM_LIMITS = {
  /** Characters of `sub`. */
  subject: 256,
  /** Characters of `name`; longer ones are cut. */
  name: 80,
  /** Documents of one token. */
  documents: 500,
  /** Seconds from now to `exp`; more is a mistake, such as milliseconds for seconds. */
  lifetimeSeconds: 2_678_400,
} as const

/** Readable on white and on black. */
const COLORS = [
  "#d52862",
  "#d72d2d",
  "#bb5124",
  "#966818",
  "#617a14",
  "#1f7f3f",
  "#137a72",
  "#1f6fb5",
  "#5b5bd6",
  "#9b3fc4",
]

/**
 * What verified claims amount to. Each is looked at by type and value: a claim that is there and false gives nothing, and
 * one that is malformed spoils the token, because it may have been meant to take something away.
 *
 * @returns the principal, or what is wrong, as a phrase.
 */
export function readClaims(claims: Readonly<Record<string, unknown>>, nowSeconds: number): TokenPrincipal | string {
  const { iss, sub, exp, iat, nbf, name } = claims
  if (typeof iss !== "string") return "iss is no text"
  if (typeof sub !== "string" || sub === "" || sub.length > CLAIM_LIMITS.subject || !isPlain(sub)) {
    return `sub is no text of 1 to ${CLAIM_LIMITS.subject} characters`
  }
  if (typeof exp !== "number" || !Number.isFinite(exp)) return "exp is no number"
  if (exp - nowSeconds > CLAIM_LIMITS.lifetimeSeconds) return "exp is more than 31 days away (it counts seconds)"
  if (iat !== undefined && (typeof iat !== "number" || !Number.isFinite(iat))) return "iat is no number"
  if (nbf !== undefined && (typeof nbf !== "number" || !Number.isFinite(nbf))) return "nbf is no number"
  if (name !== undefined && typeof name !== "string") return "name is no text"
  const grants = readGrants(claims)
  if (typeof grants === "string") return grants
  const hash = createHash("sha256").update(iss).digest("base64url").slice(0, 16)
  const user = asUserId(`jwt:${hash}:${sub}`)
  // What is let in late must not be shut out at once.
  const expiresAtMs = (exp + CLOCK_TOLERANCE_SECONDS) * 1_000
  return { kind: "token", user, name: shown(name, sub), color: colorOf(user), grants, expiresAtMs }
}

function readGrants(claims: Readonly<Record<string, unknown>>): ReadonlyMap<DocumentId, Role> | string {
  const grants = new Map<DocumentId, Role>()
  if (!Object.hasOwn(claims, "quire")) return grants
  const { quire } = claims
  if (!isObject(quire)) return "quire is no object"
  if (!Object.hasOwn(quire, "documents")) return grants
  const { documents } = quire
  if (!isObject(documents)) return "quire.documents is no object"
  const entries = Object.entries(documents)
  if (entries.length > CLAIM_LIMITS.documents) return `quire.documents names more than ${CLAIM_LIMITS.documents}`
  for (const [name, role] of entries) {
    const document = parseDocumentId(name)
    if (!document.ok) return `quire.documents: ${document.reason}`
    if (!isRole(role)) return "quire.documents: a role is owner, editor, commenter or viewer"
    grants.set(document.id, role)
  }
  return grants
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Well-formed, and nothing that cannot be seen or turns text around. */
function isPlain(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
}

function shown(name: string | undefined, sub: string): string {
  const clean = (name ?? "")
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .trim()
  return [...(clean === "" ? sub : clean)].slice(0, CLAIM_LIMITS.name).join("")
}

function colorOf(user: UserId): string {
  const byte = createHash("sha256").update(user).digest()[0] ?? 0
  return COLORS[byte % COLORS.length] ?? "#1f6fb5"
}
