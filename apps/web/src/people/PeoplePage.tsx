import { useMemo, useState } from "react"
import { checkEmail } from "../account/checks.js"
import { Section, SettingsPage } from "../account/SettingsPage.js"
import { createPeopleApi, type Invitation, type Member, type NewInvitation, type PeopleApi } from "../api/people.js"
import { LostPage } from "../app/LostPage.js"
import { useServices } from "../app/services.js"
import { useWho } from "../hooks/use-who.js"
import { Button } from "../ui/Button.js"
import { CopyOnce } from "../ui/CopyOnce.js"
import { Field } from "../ui/Field.js"
import { FormEnd } from "../ui/FormEnd.js"
import { useDeed } from "../ui/use-deed.js"
import { useForm } from "../ui/use-form.js"
import { type Loaded, useLoaded } from "../ui/use-loaded.js"
import { AccountRow } from "./AccountRow.js"

/** Everybody's accounts and invitations, for those who look after them. */
export function PeoplePage(): React.ReactNode {
  const who = useWho()
  if (who.kind !== "somebody") return null
  if (!who.person.isAdmin) return <LostPage reason="there is no page at this address" />
  return <People selfId={who.person.id} />
}

function People({ selfId }: { readonly selfId: string }): React.ReactNode {
  const { call } = useServices()
  const api = useMemo(() => createPeopleApi(call), [call])
  const people = useLoaded(() => api.list())
  return (
    <SettingsPage title="People">
      <Section title="Invitations">
        <Invitations api={api} />
      </Section>
      <Section title="Accounts">
        <Accounts api={api} selfId={selfId} loaded={people.loaded} onChange={people.reload} />
      </Section>
    </SettingsPage>
  )
}

interface AccountsProps {
  readonly api: PeopleApi
  readonly selfId: string
  readonly loaded: Loaded<readonly Member[]>
  readonly onChange: () => void
}

function Accounts({ api, selfId, loaded, onChange }: AccountsProps): React.ReactNode {
  const { who } = useServices()
  const { failure, run } = useDeed()
  if (loaded.kind === "loading") return <p className="appears-late">Loading…</p>
  if (loaded.kind === "failed") {
    return (
      <div role="alert">
        <p>{loaded.reason}</p>
        <Button onClick={onChange}>Try again</Button>
      </div>
    )
  }
  const handleDeed = (deed: () => Promise<void>, isMine: boolean): void =>
    run(async () => {
      await deed()
      if (isMine) await who.refresh()
      onChange()
    })
  return (
    <>
      <ul className="rows" aria-label="Accounts">
        {loaded.value.map((member) => (
          <AccountRow
            key={member.id}
            api={api}
            member={member}
            isSelf={isSelf(member, selfId)}
            onDeed={(deed) => handleDeed(deed, isSelf(member, selfId))}
          />
        ))}
      </ul>
      <p className="settings-note">Whoever is kept out is signed out at once. What they wrote stays.</p>
      <p className="form-failure" role="alert">
        {failure}
      </p>
    </>
  )
}

/** Ids of people are written with their kind in front where other kinds of people are met too. */
function isSelf({ id }: Member, selfId: string): boolean {
  return id === selfId || `account:${id}` === selfId
}

function Invitations({ api }: { readonly api: PeopleApi }): React.ReactNode {
  const { loaded, reload } = useLoaded(() => api.listInvitations())
  const { failure, run } = useDeed()
  const [made, setMade] = useState<NewInvitation>()
  const form = useForm({
    checks: { email: (text) => (text.trim() === "" ? undefined : checkEmail(text)) },
    send: async ({ email }) => {
      setMade(await api.invite(email.trim() || undefined))
      reload()
    },
    fieldOf: (code) => (code.startsWith("QUIRE_EMAIL") ? "email" : undefined),
  })
  return (
    <>
      {made !== undefined && <CopyOnce key={made.id} label={labelOf(made)} url={made.url} />}
      <form className="form" {...form.props}>
        <Field
          label="E-mail"
          type="email"
          autoComplete="off"
          hint="May be left empty: whoever has the link may then choose."
          {...form.field("email")}
        />
        <FormEnd label="Make an invitation" isSending={form.isSending} failure={form.failure} />
      </form>
      {loaded.kind === "ready" && loaded.value.length > 0 && (
        <ul className="rows" aria-label="Open invitations">
          {loaded.value.map((invitation) => (
            <li key={invitation.id}>
              <p className="row-words">
                <span>{invitation.email ?? "For whoever has the link"}</span>
                <span>Until {DATE.format(invitation.expiresMs)}</span>
              </p>
              <Button
                aria-label={`Withdraw the invitation ${invitation.email ?? "for whoever has the link"}`}
                onClick={() =>
                  run(async () => {
                    await api.withdraw(invitation.id)
                    if (made?.id === invitation.id) setMade(undefined)
                    reload()
                  })
                }
              >
                Withdraw
              </Button>
            </li>
          ))}
        </ul>
      )}
      {(failure !== undefined || loaded.kind === "failed") && (
        <p className="form-failure" role="alert">
          {failure ?? (loaded.kind === "failed" ? loaded.reason : "")}
        </p>
      )}
    </>
  )
}

function labelOf({ email }: Invitation): string {
  return email === undefined ? "The invitation's link" : `The link for ${email}`
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
