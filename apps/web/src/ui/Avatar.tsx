import { type Person, textColorOn } from "@quire/editor"
import "./avatar.css"

/** Somebody's initials on their colour. Decoration: what it stands in says the name. */
export function Avatar({ person }: { readonly person: Person }): React.ReactNode {
  return (
    <span
      className="avatar"
      aria-hidden="true"
      style={{ backgroundColor: person.color, color: textColorOn(person.color) }}
    >
      {initials(person.name)}
    </span>
  )
}

/** The first letters of the first and the last word. */
function initials(name: string): string {
  const words = name.split(" ")
  const first = Array.from(words[0] ?? "")[0] ?? "?"
  const last = words.length > 1 ? (Array.from(words.at(-1) ?? "")[0] ?? "") : ""
  return (first + last).toLocaleUpperCase()
}
