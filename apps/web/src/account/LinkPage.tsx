import { QuireError } from "@quire/base"
import { cleanName } from "@quire/editor"
import { useEffect, useEffectEvent, useState } from "react"
import { NOT_FOUND } from "../api/call.js"
import { documentPath } from "../app/routes.js"
import { useServices } from "../app/services.js"
import { useWho } from "../hooks/use-who.js"
import { Button } from "../ui/Button.js"
import { Field } from "../ui/Field.js"
import { FormEnd } from "../ui/FormEnd.js"
import { Link } from "../ui/Link.js"
import { sentenceOf, useForm } from "../ui/use-form.js"
import { checkGiven, checkName, checkNothing } from "./checks.js"
import { Entrance } from "./Entrance.js"
import { hasChosenName } from "./guest-name.js"
import { useAccountApi } from "./use-account-api.js"

type Opening =
  /** The server has not said who we are: a name may be needed. */
  | { readonly kind: "waiting" }
  | { readonly kind: "asking"; readonly needsPassword: boolean }
  | { readonly kind: "opened" }
  | { readonly kind: "dead" }
  | { readonly kind: "failed"; readonly reason: string }

/** Opens what was shared by a link: at once, or after a name and a password where they are needed. */
export function LinkPage({ secret }: { readonly secret: string }): React.ReactNode {
  const { identity, who } = useServices()
  const now = useWho()
  const api = useAccountApi()
  const [opening, setOpening] = useState<Opening>({ kind: "waiting" })
  const isKnown = now.kind === "somebody" && !now.hasLapsed
  const needsName = !isKnown && !hasChosenName(identity.get().name)

  const open = async (password: string, name: string): Promise<void> => {
    if (!isKnown && name !== "") identity.rename(name)
    const guest = isKnown ? {} : { name: identity.get().name }
    const { document } = await api.openLink({ secret, ...guest, ...(password === "" ? {} : { password }) })
    setOpening({ kind: "opened" })
    await who.refresh()
    window.location.replace(documentPath(document))
  }
  const refuse = (error: unknown): void => {
    const code = error instanceof QuireError ? error.code : ""
    if (code === NOT_FOUND) setOpening({ kind: "dead" })
    else if (code === "QUIRE_LINK_PASSWORD") setOpening({ kind: "asking", needsPassword: true })
    else setOpening({ kind: "failed", reason: sentenceOf(error) })
  }
  const begin = useEffectEvent(() => {
    if (needsName) setOpening({ kind: "asking", needsPassword: false })
    else open("", "").catch(refuse)
  })
  const isReady = now.kind !== "unknown"
  useEffect(() => {
    if (isReady) begin()
  }, [isReady])

  switch (opening.kind) {
    case "dead":
      return (
        <Entrance
          title="This link leads nowhere"
          lead="It was withdrawn, has expired, or was opened as often as it may be. Ask whoever sent it for another one."
        >
          <p>
            <Link href="/">All documents</Link>
          </p>
        </Entrance>
      )
    case "failed":
      return (
        <Entrance title="The link could not be opened" lead={opening.reason}>
          <Button onClick={() => begin()}>Try again</Button>
        </Entrance>
      )
    case "asking":
      return (
        <Questions
          needsName={needsName}
          needsPassword={opening.needsPassword}
          name={identity.get().name}
          onSend={async ({ password, name }) => {
            try {
              await open(password, name)
            } catch (error) {
              // A wrong password is said at its field.
              const isPassword = error instanceof QuireError && error.code === "QUIRE_LINK_PASSWORD"
              if (isPassword && opening.needsPassword) throw new QuireError(error.code, error.message)
              refuse(error)
            }
          }}
        />
      )
    default:
      return <Entrance title="Opening the link…" />
  }
}

interface QuestionsProps {
  readonly needsName: boolean
  readonly needsPassword: boolean
  /** What the device calls its guest. */
  readonly name: string
  readonly onSend: (values: { readonly name: string; readonly password: string }) => Promise<void>
}

function Questions({ needsName, needsPassword, name, onSend }: QuestionsProps): React.ReactNode {
  // What was asked first stays: a field that goes away while one is in it would be a surprise.
  const [asksName] = useState(needsName)
  const form = useForm({
    checks: {
      name: asksName ? checkName : checkNothing,
      password: needsPassword ? checkGiven("The link's password is missing.") : checkNothing,
    },
    send: ({ name, password }) => onSend({ name: cleanName(name), password }),
    fieldOf: (code) => (code === "QUIRE_LINK_PASSWORD" ? "password" : undefined),
  })
  return (
    <Entrance title="Somebody shares a page with you" lead={leadOf(asksName, needsPassword)}>
      <form className="form" {...form.props}>
        {asksName && <Field label="Your name" autoComplete="name" defaultValue={name} {...form.field("name")} />}
        {needsPassword && (
          <Field
            label="Password of the link"
            type="password"
            autoComplete="off"
            autoFocus
            {...form.field("password")}
          />
        )}
        <FormEnd label="Open" isSending={form.isSending} failure={form.failure} />
      </form>
    </Entrance>
  )
}

function leadOf(asksName: boolean, needsPassword: boolean): string {
  if (!needsPassword) return "Others who are there see this name."
  return asksName
    ? "It wants a password, which whoever sent the link can tell you. Others who are there see your name."
    : "It wants a password, which whoever sent the link can tell you."
}
