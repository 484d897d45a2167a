import { GONE, LIMITS } from "@quire/protocol"
import type { Identity } from "./gate.js"

/** What a client says of itself beside its name: where it is, and what it does. Everything else is left out. */
const FIELDS = ["cursor", "selection", "status"] as const

/** Levels of what is inside a field: relative positions have four. */
const DEPTH = 8

/** Keys by which a careless reader of JSON would reach the prototypes of its objects. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

/**
 * A presence state as the others get to see it: the fields that a client may say of itself, and the server's word on
 * who it is. Rule A8 of SPEC.md.
 *
 * @param state JSON as the client sent it. @returns JSON, or `undefined` for what is no state, or too large.
 */
export function stampState(state: string, identity: Identity): string | undefined {
  if (state === GONE) return state
  if (state.length > LIMITS.presenceStateBytes) return undefined
  const said = parse(state)
  if (!isRecord(said)) return undefined
  const picked = FIELDS.filter((field) => Object.hasOwn(said, field)).map((field) => [field, clean(said[field], DEPTH)])
  const { id, name, color } = identity
  const stamped = JSON.stringify({ ...Object.fromEntries(picked), user: { id, name, color } })
  return stamped.length <= LIMITS.presenceStateBytes ? stamped : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no JSON: no state
  }
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value
  if (depth === 0) return null
  if (Array.isArray(value)) return value.map((item) => clean(item, depth - 1))
  const safe = Object.entries(value).filter(([key]) => !UNSAFE_KEYS.has(key))
  return Object.fromEntries(safe.map(([key, item]) => [key, clean(item, depth - 1)]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
