import { useId, useState } from "react"
import type { Member, NewReset, PeopleApi } from "../api/people.js"
import { Button } from "../ui/Button.js"
import { CopyOnce } from "../ui/CopyOnce.js"
import "./account-row.css"

interface AccountRowProps {
  readonly api: PeopleApi
  readonly member: Member
  /** Whether it is the account of whoever looks. */
  readonly isSelf: boolean
  /** Runs something at the server, after which the list is read again. */
  readonly onDeed: (deed: () => Promise<void>) => void
}

/** One account, and behind a button what can be done about it. */
export function AccountRow({ api, member, isSelf, onDeed }: AccountRowProps): React.ReactNode {
  const panel = useId()
  const [isOpen, setOpen] = useState(false)
  const [reset, setReset] = useState<NewReset>()
  const { id, name, isAdmin, isSuspended } = member
  const actions: readonly [string, () => Promise<void>][] = [
    ...(isSuspended || isAdmin || isSelf
      ? []
      : [["Link for a new password", async () => setReset(await api.makeReset(id))] as const]),
    ...(isSuspended
      ? []
      : [[isAdmin ? "No administrator any more" : "Make an administrator", () => api.setAdmin(id, !isAdmin)] as const]),
    ...(isSelf ? [] : [[isSuspended ? "Let in again" : "Keep out", () => api.suspend(id, !isSuspended)] as const]),
  ].map(([label, deed]) => [label, deed])
  return (
    <li>
      <p className="row-words">
        <span>
          <bdi>{name}</bdi>
          {isSelf && <span className="mark-chip">you</span>}
          {isAdmin && <span className="mark-chip">administrator</span>}
          {isSuspended && <span className="mark-chip">kept out</span>}
        </span>
        <span>{member.email}</span>
      </p>
      <Button
        aria-expanded={isOpen}
        aria-controls={panel}
        aria-label={`Change: ${name}`}
        onClick={() => setOpen(!isOpen)}
      >
        Change
      </Button>
      <div id={panel} className="account-row-more" hidden={!isOpen}>
        {actions.map(([label, deed]) => (
          <Button key={label} aria-label={`${label}: ${name}`} onClick={() => onDeed(deed)}>
            {label}
          </Button>
        ))}
        {reset !== undefined && !isAdmin && !isSuspended && (
          <div className="account-row-link">
            <CopyOnce key={reset.url} label={`The link for ${name} to choose a new password`} url={reset.url} />
            <p className="settings-note">
              Good until {DATE.format(reset.expiresMs)}, once. Whoever has it can become {name}: give it to nobody else.
            </p>
          </div>
        )}
      </div>
    </li>
  )
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
