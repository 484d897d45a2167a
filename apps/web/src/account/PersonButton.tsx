import { useId } from "react"
import type { SignedIn } from "../api/who.js"
import { Avatar } from "../ui/Avatar.js"
import "../document/people.css"
import { PersonMenu } from "./PersonMenu.js"

/** Oneself, as a button that opens the ways to one's account and out. */
export function PersonButton({ person }: { readonly person: SignedIn }): React.ReactNode {
  const id = useId()
  return (
    <>
      <button
        type="button"
        className="people-self"
        popoverTarget={id}
        aria-label={`You are ${person.name}. Your account`}
        title={person.name}
      >
        <Avatar person={person} />
      </button>
      <div id={id} popover="auto" role="dialog" aria-label="You" className="people-popover">
        <PersonMenu person={person} />
      </div>
    </>
  )
}
