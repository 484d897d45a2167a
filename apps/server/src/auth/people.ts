import type { Random } from "@quire/base"
import { z } from "zod"

/** Longest e-mail address, bytes of UTF-8 (RFC 5321 with erratum 1690). */
export const EMAIL_BYTES = 254
/** Longest name, in characters. */
export const NAME_LENGTH = 80

/** Controls, unassigned and private characters, lone surrogates; and what turns the direction of text or is not seen. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu
const EMAIL = /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u
/** Dark enough to be read on white, light enough on black. */
const COLORS = ["#b3261e", "#9a5b00", "#4f6d00", "#0b7a55", "#00728f", "#2f5fd0", "#6f4bd8", "#a8358f"] as const

/** An e-mail address as it is kept and compared. */
export const EMAIL_TEXT: z.ZodType<string, unknown> = z
  .string("the e-mail address must be text")
  .max(4 * EMAIL_BYTES, `the e-mail address is longer than ${EMAIL_BYTES} bytes`)
  .transform((text) => text.trim().normalize("NFC").toLowerCase())
  .refine((text) => EMAIL.test(text), "this is not an e-mail address")
  .refine((text) => Buffer.byteLength(text) <= EMAIL_BYTES, `the e-mail address is longer than ${EMAIL_BYTES} bytes`)

/** A person's name as others read it: cleaned of what is not seen, one line. */
export const NAME_TEXT: z.ZodType<string, unknown> = z
  .string("the name must be text")
  .max(4 * NAME_LENGTH, `the name is longer than ${NAME_LENGTH} characters`)
  .transform(cleanName)
  .refine((name) => name !== "", "the name is empty")
  .refine((name) => [...name].length <= NAME_LENGTH, `the name is longer than ${NAME_LENGTH} characters`)

/** A colour. */
export const COLOR_TEXT: z.ZodType<string, unknown> = z
  .string("the colour must be text")
  .regex(/^#[0-9a-f]{6}$/i, "a colour looks like #2f5fd0")
  .transform((color) => color.toLowerCase())

/** A password as it is typed; whether it is a good one is asked when it is set. */
export const PASSWORD_TEXT: z.ZodType<string, unknown> = z
  .string("the password must be text")
  .max(1_024, "the password is too long")

/** A name without what is not seen, one line. */
export function cleanName(text: string): string {
  return text.normalize("NFC").replace(/\s+/gu, " ").replace(UNSEEN, "").trim()
}

/** A colour for somebody who has chosen none. */
export function someColor(random: Random): string {
  return COLORS[Math.floor(random.fraction() * COLORS.length)] ?? COLORS[0]
}
