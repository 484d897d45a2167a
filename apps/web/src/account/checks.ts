import type { Check } from "../ui/use-form.js"

/** Shortest password, in characters: what the server takes. */
export const PASSWORD_MIN = 10

/** Longest password, in characters. */
export const PASSWORD_MAX = 256

/** A name that is one. */
export const checkName: Check = (text) => (text.trim() === "" ? "Say what others should call you." : undefined)

/** An e-mail address as far as a form can tell; whether letters arrive there only a letter shows. */
export const checkEmail: Check = (text) => {
  if (text.trim() === "") return "Your e-mail address is missing."
  return /^[^\s@]+@[^\s@]+$/.test(text.trim()) ? undefined : "That is no e-mail address."
}

/** A new password. */
export const checkNewPassword: Check = (text) => {
  const length = Array.from(text).length
  if (length < PASSWORD_MIN) return `At least ${PASSWORD_MIN} characters, please.`
  return length > PASSWORD_MAX ? `At most ${PASSWORD_MAX} characters, please.` : undefined
}

/** Something, whatever it is. */
export function checkGiven(sentence: string): Check {
  return (text) => (text === "" ? sentence : undefined)
}

/** Nothing has to be there, and anything may. */
export const checkNothing: Check = () => undefined
