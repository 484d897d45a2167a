import { type Person, readPerson } from "@quire/editor"
import { useRef, useSyncExternalStore } from "react"
import type { Awareness } from "y-protocols/awareness"

/** Somebody present in a document, once for each page they have open. */
export interface Present extends Person {
  /** Yjs's id of their page. */
  readonly clientId: number
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
    if (clientId !== awareness.clientID && "user" in state) people.push({ clientId, ...readPerson(state.user) })
  }
  return people.sort((a, b) => a.clientId - b.clientId)
}

function isSame(a: readonly Present[], b: readonly Present[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index]
      return one.clientId === other?.clientId && one.name === other.name && one.color === other.color
    })
  )
}
