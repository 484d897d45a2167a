import type { Person } from "@quire/editor"
import { PERSON_NAME_MAX } from "@quire/editor"
import { lazy, Suspense, useId, useRef } from "react"
import type { Awareness } from "y-protocols/awareness"
import type { SignedIn } from "../api/who.js"
import { usePeople } from "../hooks/use-people.js"
import { Avatar } from "../ui/Avatar.js"
import { Button } from "../ui/Button.js"
import "./people.css"

const PersonMenu = lazy(async () => ({ default: (await import("../account/PersonMenu.js")).PersonMenu }))

/** Avatars side by side before the rest becomes a number; where the header is narrow, and where it is wide. */
const SHOWN_MAX = { narrow: 2, wide: 4 } as const

interface PeopleProps {
  readonly awareness: Awareness
  readonly self: Person
  /** Whom the server knows the person as; `undefined`: a guest, who says themselves what they are called. */
  readonly account: SignedIn | undefined
  /** Left out where the server says what the person is called. */
  readonly onRename: ((name: string) => void) | undefined
}

/** Who is here: the others as avatars, oneself as a button that opens one's name and the list of all. */
export function People({ awareness, self, account, onRename }: PeopleProps): React.ReactNode {
  const others = usePeople(awareness)
  const popoverId = useId()
  return (
    <div className="people">
      <ul className="people-row" aria-label="People here">
        {others.slice(0, SHOWN_MAX.wide).map((person, index) => (
          <li
            key={person.clientId}
            title={person.isAway ? `${person.name} (elsewhere)` : person.name}
            data-only={index < SHOWN_MAX.narrow ? undefined : "wide"}
            data-away={person.isAway || undefined}
          >
            <Avatar person={person} />
            <span className="visually-hidden">{person.name}</span>
            {person.isAway && <span className="visually-hidden"> (elsewhere)</span>}
          </li>
        ))}
        <More count={others.length - SHOWN_MAX.narrow} only="narrow" />
        <More count={others.length - SHOWN_MAX.wide} only="wide" />
      </ul>
      <button
        type="button"
        className="people-self"
        popoverTarget={popoverId}
        aria-label={`You are ${self.name}. ${ofSelf(account, onRename)}`}
        title={`${self.name} (you)`}
      >
        <Avatar person={self} />
      </button>
      <PeoplePopover id={popoverId} self={self} account={account} others={others} onRename={onRename} />
    </div>
  )
}

/** How many are not shown, in a header that is narrow or wide. */
function More({ count, only }: { readonly count: number; readonly only: "narrow" | "wide" }): React.ReactNode {
  if (count <= 0) return null
  return (
    <li className="people-more" data-only={only}>
      +{count}
    </li>
  )
}

interface PeoplePopoverProps {
  readonly id: string
  readonly self: Person
  readonly account: SignedIn | undefined
  readonly others: readonly (Person & { readonly clientId: number })[]
  readonly onRename: ((name: string) => void) | undefined
}

/** What the button that is oneself opens. */
function ofSelf(account: SignedIn | undefined, onRename: unknown): string {
  if (account !== undefined) return "Your account"
  return onRename === undefined ? "Who is here" : "Change your name"
}

function PeoplePopover({ id, self, account, others, onRename }: PeoplePopoverProps): React.ReactNode {
  const popover = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const handleSubmit = (event: React.FormEvent): void => {
    event.preventDefault()
    onRename?.(field.current?.value ?? "")
    popover.current?.hidePopover()
  }
  const handleToggle = (event: React.ToggleEvent): void => {
    if (event.newState === "open") field.current?.select()
  }
  return (
    // The browser's popover: closes by Escape and by a click elsewhere, and gives the focus back.
    <div
      id={id}
      ref={popover}
      popover="auto"
      role="dialog"
      aria-label="You and others"
      className="people-popover"
      onToggle={handleToggle}
    >
      {account === undefined && onRename === undefined && (
        <p>
          You are <bdi>{self.name}</bdi>.
        </p>
      )}
      {account === undefined && onRename !== undefined && (
        <form onSubmit={handleSubmit}>
          <label htmlFor={`${id}-name`}>Your name</label>
          <div className="people-name">
            <input
              id={`${id}-name`}
              ref={field}
              key={self.name}
              defaultValue={self.name}
              maxLength={PERSON_NAME_MAX}
              autoComplete="name"
              autoFocus
            />
            <Button type="submit" look="primary">
              Save
            </Button>
          </div>
        </form>
      )}
      {account !== undefined && (
        <Suspense fallback={<div className="people-menu-place" />}>
          <PersonMenu person={account} />
        </Suspense>
      )}
      {others.length > 0 && (
        <>
          <h2>Also here</h2>
          <ul className="people-list">
            {others.map((person) => (
              <li key={person.clientId}>
                <Avatar person={person} />
                <span dir="auto">{person.name}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
