import type { NewAccount } from "../api/account.js"
import type { SignedIn } from "../api/who.js"
import { useServices } from "../app/services.js"
import { Field } from "../ui/Field.js"
import { FormEnd } from "../ui/FormEnd.js"
import { useForm } from "../ui/use-form.js"
import { checkEmail, checkName, checkNewPassword, PASSWORD_MIN } from "./checks.js"

interface NewAccountFormProps {
  /** From the link that led here. */
  readonly secret: string
  /** What the button does. */
  readonly label: string
  /** The address that the account is for, if that is settled. */
  readonly email?: string | undefined
  readonly onSend: (account: NewAccount) => Promise<SignedIn>
}

/** What an account is made with. Whoever has made one is signed in, and goes to all documents. */
export function NewAccountForm({ secret, label, email, onSend }: NewAccountFormProps): React.ReactNode {
  const { who } = useServices()
  const form = useForm({
    checks: { name: checkName, email: checkEmail, password: checkNewPassword },
    send: async ({ name, email, password }) => {
      who.become(await onSend({ secret, name: name.trim(), email: email.trim(), password }))
      window.location.assign("/")
    },
    fieldOf: (code) => FIELD_OF[code],
  })
  return (
    <form className="form" {...form.props}>
      <Field label="Your name" autoComplete="name" autoFocus {...form.field("name")} />
      <Field
        label="E-mail"
        type="email"
        autoComplete="username"
        defaultValue={email}
        readOnly={email !== undefined}
        hint="You sign in with it."
        {...form.field("email")}
      />
      <Field
        label="Password"
        type="password"
        autoComplete="new-password"
        hint={`At least ${PASSWORD_MIN} characters; a few words are better than a few signs.`}
        {...form.field("password")}
      />
      <FormEnd label={label} isSending={form.isSending} failure={form.failure} />
    </form>
  )
}

/** Refusals of the server that are about one field. */
const FIELD_OF: Readonly<Record<string, "name" | "email" | "password">> = {
  QUIRE_NAME: "name",
  QUIRE_EMAIL: "email",
  QUIRE_EMAIL_TAKEN: "email",
  QUIRE_PASSWORD: "password",
}
