import type { SignedIn } from "../api/who.js"
import { Field } from "../ui/Field.js"
import { FormEnd } from "../ui/FormEnd.js"
import { useForm } from "../ui/use-form.js"
import { checkEmail, checkGiven } from "./checks.js"
import { useAccountApi } from "./use-account-api.js"

interface PasswordFormProps {
  /** The address, where it is settled who signs in. */
  readonly email?: string | undefined
  readonly onSignedIn: (person: SignedIn) => void
}

/** Signs in with an address and a password. */
export function PasswordForm({ email, onSignedIn }: PasswordFormProps): React.ReactNode {
  const api = useAccountApi()
  const form = useForm({
    checks: { email: checkEmail, password: checkGiven("Your password is missing.") },
    send: async ({ email, password }) => onSignedIn(await api.signIn(email.trim(), password)),
    // Which of the two is wrong nobody is told.
    fieldOf: (code) => (code === "QUIRE_SIGN_IN_WRONG" ? "password" : undefined),
  })
  return (
    <form className="form" {...form.props}>
      <Field
        label="E-mail"
        type="email"
        autoComplete="username"
        defaultValue={email}
        readOnly={email !== undefined}
        autoFocus={email === undefined}
        {...form.field("email")}
      />
      <Field
        label="Password"
        type="password"
        autoComplete="current-password"
        autoFocus={email !== undefined}
        {...form.field("password")}
      />
      <FormEnd label="Sign in" isSending={form.isSending} failure={form.failure} />
    </form>
  )
}
