/** Longest target of a link, in UTF-16 units. */
const URL_MAX = 4096

/** Schemes that a link may lead to. What a `javascript:` or `data:` link does would happen with the reader's rights. */
const SCHEMES: ReadonlySet<string> = new Set(["https:", "http:", "mailto:", "tel:"])

/**
 * The one place that says what may be a link's target: an absolute https, http, mailto or tel address. Gives it back
 * without the white space around it, else `undefined`. Accepts any value and never throws.
 */
export function linkUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > URL_MAX) return undefined
  const text = value.trim()
  // Browsers drop tabs and line breaks inside an address, and would read another scheme than we do.
  if (/[\p{Cc}\p{Zl}\p{Zp}\s\\<>"]/u.test(text) || !text.isWellFormed() || !URL.canParse(text)) return undefined
  return SCHEMES.has(new URL(text).protocol) ? text : undefined
}
