import { QuireError } from "@quire/base"
import { useEffect, useState } from "react"
import type { OpenedReset } from "../api/account.js"
import { NOT_FOUND } from "../api/call.js"
import { useServices } from "../app/services.js"
import { Button } from "../ui/Button.js"
import { Field } from "../ui/Field.js"
import { FormEnd } from "../ui/FormEnd.js"
import { Link } from "../ui/Link.js"
import { sentenceOf, useForm } from "../ui/use-form.js"
import { checkNewPassword, checkNothing, PASSWORD_MIN } from "./checks.js"
import { Entrance } from "./Entrance.js"
import { useAccountApi } from "./use-account-api.js"

type Opened =
  | { readonly kind: "loading" }
  | { readonly kind: "open"; readonly reset: OpenedReset }
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly reason: string }

/** Chooses a new password with a link, for whoever has lost theirs. */
export function ResetPage({ secret }: { readonly secret: string }): React.ReactNode {
  const api = useAccountApi()
  const [round, setRound] = useState(0)
  const [opened, setOpened] = useState<Opened>({ kind: "loading" })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks again
  useEffect(() => {
    let hasLeft = false
    api.openReset(secret).then(
      (reset) => {
        if (!hasLeft) setOpened({ kind: "open", reset })
      },
      (error: unknown) => {
        if (!hasLeft) setOpened(notOpened(error))
      },
    )
    return () => {
      hasLeft = true
    }
  }, [api, secret, round])

  switch (opened.kind) {
    case "loading":
      return <Entrance title="A new password" />
    case "gone":
      return (
        <Entrance
          title="This link is not good any more"
          lead="It was used, another one took its place, or it is too old. Ask an administrator for a new one."
        >
          <p>
            <Link href="/sign-in">Sign in</Link> if you know your password.
          </p>
        </Entrance>
      )
    case "failed":
      return (
        <Entrance title="A new password" lead={opened.reason}>
          <Button onClick={() => setRound(round + 1)}>Try again</Button>
        </Entrance>
      )
    default:
      return (
        <Entrance
          title={`A new password for ${opened.reset.name}`}
          lead="Choose one. Wherever you were signed in, you are signed out then."
        >
          <NewPasswordForm secret={secret} email={opened.reset.email} />
        </Entrance>
      )
  }
}

function NewPasswordForm({ secret, email }: { readonly secret: string; readonly email: string }): React.ReactNode {
  const { who } = useServices()
  const api = useAccountApi()
  const form = useForm({
    checks: { email: checkNothing, password: checkNewPassword },
    send: async ({ password }) => {
      who.become(await api.choosePassword(secret, password))
      window.location.assign("/")
    },
    fieldOf: (code) => (code === "QUIRE_PASSWORD" ? "password" : undefined),
  })
  return (
    <form className="form" {...form.props}>
      <Field
        label="E-mail"
        type="email"
        autoComplete="username"
        defaultValue={email}
        readOnly
        hint="You sign in with it."
        {...form.field("email")}
      />
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        autoFocus
        hint={`At least ${PASSWORD_MIN} characters; a few words are better than a few signs.`}
        {...form.field("password")}
      />
      <FormEnd label="Take this password" isSending={form.isSending} failure={form.failure} />
    </form>
  )
}

function notOpened(error: unknown): Opened {
  if (error instanceof QuireError && error.code === NOT_FOUND) return { kind: "gone" }
  return { kind: "failed", reason: sentenceOf(error) }
}
