import { QuireError } from "@quire/base"

/** Something was asked of a provider that is closed. */
export function closed(): QuireError {
  return new QuireError("QUIRE_PROVIDER_CLOSED", "the provider is closed", { hint: "Make a new Provider." })
}

/** Something was waited for that a server's refusal made impossible. */
export function refused(code: number, reason: string): QuireError {
  return new QuireError("QUIRE_PROVIDER_REFUSED", `the server refused with code ${code}: ${reason}`, {
    hint: "Mend what the reason names, then make a new Provider.",
  })
}
