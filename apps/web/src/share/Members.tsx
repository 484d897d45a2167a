import { isRole } from "@quire/access"
import { useRef, useState } from "react"
import { checkEmail, checkNothing } from "../account/checks.js"
import type { AccessApi, Sharer } from "../api/access.js"
import { Button } from "../ui/Button.js"
import { Field } from "../ui/Field.js"
import { SelectField } from "../ui/SelectField.js"
import { useDeed } from "../ui/use-deed.js"
import { useForm } from "../ui/use-form.js"
import { ROLE_WORDS } from "./role-words.js"

interface MembersProps {
  readonly api: AccessApi
  /** The document's name. */
  readonly document: string
  readonly members: readonly Sharer[]
  /** Whether the person may change something here. */
  readonly mayShare: boolean
  readonly onChange: () => void
}

/** The people whom a document is shared with. */
export function Members({ api, document, members, mayShare, onChange }: MembersProps): React.ReactNode {
  const { failure, run } = useDeed()
  const heading = useRef<HTMLHeadingElement>(null)
  const handleChange = (member: Sharer, value: string): void => {
    const role = isRole(value) ? value : null
    run(async () => {
      try {
        await api.setRole(document, member.email, role)
        if (role === null) heading.current?.focus() // the row that had the focus goes away
      } finally {
        onChange() // also after a refusal: the choice shows what holds
      }
    })
  }
  return (
    <section className="share-part" aria-labelledby="share-people">
      <h3 id="share-people" ref={heading} tabIndex={-1}>
        People
      </h3>
      {mayShare && <AddMember api={api} document={document} onChange={onChange} />}
      <ul className="rows" aria-label="People with access">
        {members.map((member) => (
          <li key={member.user}>
            <p className="row-words">
              <bdi>{member.name}</bdi>
              <span>{member.email}</span>
            </p>
            {mayShare && member.email !== "" ? (
              <SelectField
                label={`What ${member.name} may do`}
                isLabelHidden
                // Another element after each answer: a refused choice goes back to what holds.
                key={`${member.role} ${failure ?? ""}`}
                defaultValue={member.role}
                choices={{ ...ROLE_WORDS, none: "Take away" }}
                onChange={(event) => handleChange(member, event.currentTarget.value)}
              />
            ) : (
              <span className="share-role">{ROLE_WORDS[member.role]}</span>
            )}
          </li>
        ))}
      </ul>
      <p className="form-failure" role="alert">
        {failure}
      </p>
    </section>
  )
}

function AddMember({ api, document, onChange }: Pick<MembersProps, "api" | "document" | "onChange">): React.ReactNode {
  // Another form for the next person: a reset would choose the first of the roles.
  const [round, setRound] = useState(0)
  const form = useForm({
    checks: { email: checkEmail, role: checkNothing },
    send: async ({ email, role }) => {
      await api.setRole(document, email.trim(), isRole(role) ? role : "viewer")
      setRound((former) => former + 1)
      onChange()
    },
    // Whom the server does not know is a matter of the address.
    fieldOf: (code) => (code === "QUIRE_NO_SUCH_PERSON" || code.startsWith("QUIRE_EMAIL") ? "email" : undefined),
  })
  return (
    <form className="share-form" key={round} {...form.props}>
      <Field label="Add somebody by e-mail" type="email" autoComplete="off" {...form.field("email")} />
      <SelectField label="Role" name="role" defaultValue="editor" choices={ROLE_WORDS} />
      <Button type="submit" look="primary" aria-disabled={form.isSending}>
        Add
      </Button>
      {form.failure !== undefined && (
        <p className="form-failure" role="alert">
          {form.failure}
        </p>
      )}
    </form>
  )
}
