/** Bounds of one attempt. */
export interface FetchBounds {
  readonly bytes: number
  readonly timeMs: number
}

/**
 * The text at an https address that the operator named. No redirects are followed, nothing larger is read.
 *
 * @throws Error with a sentence if it cannot be had within the bounds.
 */
export async function fetchText(url: string, bounds: FetchBounds): Promise<string> {
  const signal = AbortSignal.timeout(bounds.timeMs)
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } }).catch(
    (error: unknown) => {
      throw new Error(`${url} cannot be reached: ${why(error)}`, { cause: error })
    },
  )
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > bounds.bytes) throw new Error(`${url} is longer than ${bounds.bytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** `fetch` says "fetch failed" and keeps the reason in the cause. */
function why(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
