/** Somebody present, as shown to others. Both fields are safe to put on the page. */
export interface Person {
  /** What others call them: 1 to `PERSON_NAME_MAX` characters, without control and direction characters. */
  readonly name: string
  /** The colour of their caret and avatar: `#rrggbb`, lower case. */
  readonly color: string
}

/** Longest name shown, in Unicode characters. */
export const PERSON_NAME_MAX = 40

/** The name of those who gave none. */
export const NAMELESS = "Someone"

/** The colour of those who gave none, or one that is not `#rrggbb`. */
export const DEFAULT_COLOR = "#5c6370"

/**
 * Reads a person out of the `user` field of somebody's presence, which is whatever they sent: wrong types, names made
 * to overflow or to turn the text around, colours that carry CSS. Never throws.
 */
export function readPerson(user: unknown): Person {
  const fields = typeof user === "object" && user !== null ? (user as { name?: unknown; color?: unknown }) : {}
  return { name: cleanName(fields.name) || NAMELESS, color: cleanColor(fields.color) }
}

/** A name with everything taken out that could harm the page, cut to `PERSON_NAME_MAX`; empty if nothing is left. */
export function cleanName(name: unknown): string {
  if (typeof name !== "string") return ""
  // The cut before the regular expressions bounds their work; twice four units hold every name that stays whole.
  const visible = name
    .slice(0, PERSON_NAME_MAX * 8)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(BIDI_CONTROLS, "")
    .trim()
  return Array.from(visible).slice(0, PERSON_NAME_MAX).join("").trimEnd()
}

/** The colour if it is `#rrggbb`, else `DEFAULT_COLOR`. */
export function cleanColor(color: unknown): string {
  return typeof color === "string" && /^#[0-9a-f]{6}$/i.test(color) ? color.toLowerCase() : DEFAULT_COLOR
}

/** Black or white: the text colour with the higher contrast (WCAG 2.2) on a `#rrggbb` background. */
export function textColorOn(background: string): "#000000" | "#ffffff" {
  const luminance = relativeLuminance(background)
  const contrastWithWhite = 1.05 / (luminance + 0.05)
  const contrastWithBlack = (luminance + 0.05) / 0.05
  return contrastWithWhite >= contrastWithBlack ? "#ffffff" : "#000000"
}

/** Direction marks, embeddings, overrides and isolates: they reorder the text around a name. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Relative luminance as WCAG 2.2 defines it, 0 (black) to 1 (white). */
function relativeLuminance(color: string): number {
  const channel = (start: number): number => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
