import type { CopyUse } from "./device-copy-database.js"

/** How much a device keeps for one person. */
export interface CopyLimits {
  /** Documents. */
  readonly copies: number
  /** Bytes of their updates together. */
  readonly bytes: number
}

/** A library of people's working life, and a small part of what browsers give an origin. */
export const COPY_LIMITS: CopyLimits = { copies: 500, bytes: 256 * 1024 * 1024 }

/**
 * Which copies go, so that the rest fits the limits: those of the longest unused documents.
 *
 * @param uses all copies.
 * @param kept documents that stay whatever the limits say: edits wait in them, or they are being opened. They count.
 */
export function copiesToEvict(
  uses: readonly CopyUse[],
  kept: ReadonlySet<string>,
  limits: CopyLimits = COPY_LIMITS,
): readonly string[] {
  const newestFirst = [...uses].sort(
    (a, b) => Number(kept.has(b.document)) - Number(kept.has(a.document)) || b.usedMs - a.usedMs,
  )
  let bytes = 0
  const fits = newestFirst.findIndex((use, index) => {
    bytes += use.sizeBytes
    return !kept.has(use.document) && (index >= limits.copies || bytes > limits.bytes)
  })
  return fits < 0 ? [] : newestFirst.slice(fits).map(({ document }) => document)
}
