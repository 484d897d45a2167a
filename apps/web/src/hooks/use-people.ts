import { type Person, readPerson } from "@quire/editor"
import { useRef, useSyncExternalStore } from "react"
import type { Awareness } from "y-protocols/awareness"

/** Somebody present in a document, once for each page they have open. */
export interface Present extends Person {
  /** Yjs's id of their page. */
  readonly clientId: number
  /** Whether they went from the text to something else; false for those who only read. */
  readonly isAway: boolean
}

/** Who else is present, in the order of their client ids, so that nobody changes places. */
export function usePeople(awareness: Awareness): readonly Present[] {
  const known = useRef<readonly Present[]>([])
  return useSyncExternalStore(
    (listener) => {
      awareness.on("change", listener)
      return () => awareness.off("change", listener)
    },
    () => {
      const people = readPeople(awareness)
      if (!isSame(people, known.current)) known.current = people
      return known.current
    },
  )
}

function readPeople(awareness: Awareness): readonly Present[] {
  const people: Present[] = []
  for (const [clientId, state] of awareness.getStates()) {
    // A state without a user is a program's, or a page that is just being opened.
    if (clientId === awareness.clientID || !("user" in state)) continue
    people.push({ clientId, ...readPerson(state.user), isAway: readIsAway(state.cursor) })
  }
  return people.sort((a, b) => a.clientId - b.clientId)
}

/** What the editor says of a caret whose owner's keys go elsewhere. */
function readIsAway(cursor: unknown): boolean {
  return typeof cursor === "object" && cursor !== null && "blurred" in cursor && cursor.blurred === true
}

function isSame(a: readonly Present[], b: readonly Present[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index]
      if (one.clientId !== other?.clientId || one.isAway !== other.isAway) return false
      return one.name === other.name && one.color === other.color
    })
  )
}
