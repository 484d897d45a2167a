import { PERSON_NAME_MAX } from "@quire/editor"
import { useState } from "react"
import type { SignInSession } from "../api/account.js"
import type { SignedIn } from "../api/who.js"
import { useServices } from "../app/services.js"
import { PALETTE } from "../device/identity.js"
import { useWho } from "../hooks/use-who.js"
import { timeAgo } from "../library/time-ago.js"
import { Button } from "../ui/Button.js"
import { Field } from "../ui/Field.js"
import { FormEnd } from "../ui/FormEnd.js"
import { useDeed } from "../ui/use-deed.js"
import { useForm } from "../ui/use-form.js"
import { useLoaded } from "../ui/use-loaded.js"
import { agentWords } from "./agent-words.js"
import { checkGiven, checkName, checkNewPassword, checkNothing, PASSWORD_MIN } from "./checks.js"
import { Section, SettingsPage } from "./SettingsPage.js"
import { SignOut } from "./SignOut.js"
import { useAccountApi } from "./use-account-api.js"

/** One's own account. */
export function AccountPage(): React.ReactNode {
  const who = useWho()
  if (who.kind !== "somebody") return null
  const { person, ways } = who
  return (
    <SettingsPage title="Your account">
      {person.kind === "account" ? (
        <>
          <You person={person} />
          {ways.hasPassword && <Password person={person} />}
          <Sessions />
        </>
      ) : (
        <p>You are here as {person.name}, by a link or from another application. There is no account to look after.</p>
      )}
      <SignOutSection />
    </SettingsPage>
  )
}

function You({ person }: { readonly person: SignedIn }): React.ReactNode {
  const { who } = useServices()
  const api = useAccountApi()
  const [done, setDone] = useState<string>()
  const form = useForm({
    checks: { name: checkName, color: checkNothing },
    send: async ({ name, color }) => {
      setDone(undefined)
      who.become(await api.change({ name: name.trim(), color: color || person.color }))
      setDone("Saved.")
    },
    fieldOf: (code) => (code === "QUIRE_NAME" ? "name" : undefined),
  })
  return (
    <Section title="You">
      {person.email !== undefined && <p className="settings-note">You sign in with {person.email}.</p>}
      <form className="form" {...form.props}>
        <Field
          label="Name"
          autoComplete="name"
          maxLength={PERSON_NAME_MAX}
          defaultValue={person.name}
          hint="Others see it at your caret."
          {...form.field("name")}
        />
        <fieldset className="colors">
          <legend>Colour</legend>
          {coloursFor(person).map((color, index) => (
            <label key={color}>
              <input
                type="radio"
                name="color"
                value={color}
                defaultChecked={color === person.color}
                aria-label={`Colour ${index + 1}`}
                style={{ "--color": color } as React.CSSProperties /* the DOM's types know no custom properties */}
              />
            </label>
          ))}
        </fieldset>
        <FormEnd label="Save" isSending={form.isSending} failure={form.failure} done={done} />
      </form>
    </Section>
  )
}

/** The palette, and the present colour if the server chose another. */
function coloursFor({ color }: SignedIn): readonly string[] {
  return PALETTE.includes(color) ? PALETTE : [color, ...PALETTE]
}

function Password({ person }: { readonly person: SignedIn }): React.ReactNode {
  const api = useAccountApi()
  const [done, setDone] = useState<string>()
  // Another form each time: what was typed in the last one is gone.
  const [round, setRound] = useState(0)
  const form = useForm({
    checks: { current: checkGiven("Your present password is missing."), next: checkNewPassword },
    send: async ({ current, next }) => {
      setDone(undefined)
      await api.changePassword(current, next)
      setDone("Changed. Your other sign-ins have ended.")
      setRound((former) => former + 1)
    },
    fieldOf: (code) => (code === "QUIRE_SIGN_IN_WRONG" ? "current" : code === "QUIRE_PASSWORD" ? "next" : undefined),
  })
  return (
    <Section title="Password">
      <form className="form" key={round} {...form.props}>
        {/* For password managers, which otherwise do not know whose it is. */}
        <input type="hidden" name="username" autoComplete="username" value={person.email ?? person.name} readOnly />
        <Field label="Present password" type="password" autoComplete="current-password" {...form.field("current")} />
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          hint={`At least ${PASSWORD_MIN} characters.`}
          {...form.field("next")}
        />
        <FormEnd label="Change the password" isSending={form.isSending} failure={form.failure} done={done} />
      </form>
    </Section>
  )
}

function Sessions(): React.ReactNode {
  const { clock } = useServices()
  const api = useAccountApi()
  const { loaded, reload } = useLoaded(() => api.listSessions())
  const { failure, run } = useDeed()
  const end = (deed: () => Promise<void>): void =>
    run(async () => {
      await deed()
      reload()
    })
  return (
    <Section title="Where you are signed in">
      {loaded.kind === "loading" && <p className="appears-late">Loading…</p>}
      {loaded.kind === "failed" && (
        <div role="alert">
          <p>{loaded.reason}</p>
          <Button onClick={reload}>Try again</Button>
        </div>
      )}
      {loaded.kind === "ready" && (
        <ul className="rows" aria-label="Where you are signed in">
          {[...loaded.value].sort(newestFirst).map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              nowMs={clock.now()}
              onEnd={() => end(() => api.endSession(session.id))}
            />
          ))}
        </ul>
      )}
      <p className="form-failure" role="alert">
        {failure}
      </p>
      {loaded.kind === "ready" && loaded.value.length > 1 && (
        <div>
          <Button onClick={() => end(() => api.endOtherSessions())}>Sign out everywhere else</Button>
        </div>
      )}
    </Section>
  )
}

interface SessionRowProps {
  readonly session: SignInSession
  readonly nowMs: number
  readonly onEnd: () => void
}

function SessionRow({ session, nowMs, onEnd }: SessionRowProps): React.ReactNode {
  const name = agentWords(session.agent)
  return (
    <li>
      <p className="row-words">
        <span>
          {name}
          {session.isThis && <span className="mark-chip">this one</span>}
        </span>
        <span>
          Last used {timeAgo(session.seenMs, nowMs)}, signed in {timeAgo(session.createdMs, nowMs)}
        </span>
      </p>
      {!session.isThis && (
        <Button aria-label={`Sign out ${name}, last used ${timeAgo(session.seenMs, nowMs)}`} onClick={onEnd}>
          Sign out
        </Button>
      )}
    </li>
  )
}

function newestFirst(a: SignInSession, b: SignInSession): number {
  return Number(b.isThis) - Number(a.isThis) || b.seenMs - a.seenMs
}

function SignOutSection(): React.ReactNode {
  const [isAsking, setAsking] = useState(false)
  return (
    <Section title="Leave">
      <div>
        <Button onClick={() => setAsking(true)}>Sign out</Button>
      </div>
      {isAsking && <SignOut onClose={() => setAsking(false)} />}
    </Section>
  )
}
