import { isRole } from "@quire/access"
import { useRef, useState } from "react"
import { checkNothing } from "../account/checks.js"
import type { AccessApi, LinkWishes, NewShareLink, ShareLink } from "../api/access.js"
import { useServices } from "../app/services.js"
import { Button } from "../ui/Button.js"
import { CopyOnce } from "../ui/CopyOnce.js"
import { Field } from "../ui/Field.js"
import { SelectField } from "../ui/SelectField.js"
import { useDeed } from "../ui/use-deed.js"
import { useForm } from "../ui/use-form.js"
import { linkWords } from "./link-words.js"
import { ROLE_WORDS } from "./role-words.js"

interface LinksProps {
  readonly api: AccessApi
  /** The document's name. */
  readonly document: string
  readonly links: readonly ShareLink[]
  /** Whether the person may change something here. */
  readonly mayShare: boolean
  readonly onChange: () => void
}

/** The links that lead to a document: whoever has one may come in. */
export function Links({ api, document, links, mayShare, onChange }: LinksProps): React.ReactNode {
  const { clock } = useServices()
  const { failure, run } = useDeed()
  const heading = useRef<HTMLHeadingElement>(null)
  const [made, setMade] = useState<NewShareLink>()
  const handleRevoke = (link: ShareLink): void =>
    run(async () => {
      await api.revokeLink(link.id)
      if (made?.id === link.id) setMade(undefined)
      heading.current?.focus() // the row that had the focus goes away
      onChange()
    })
  return (
    <section className="share-part" aria-labelledby="share-links">
      <h3 id="share-links" ref={heading} tabIndex={-1}>
        Links
      </h3>
      {mayShare && (
        <NewLink
          api={api}
          document={document}
          onMade={(link) => {
            setMade(link)
            onChange()
          }}
        />
      )}
      {made !== undefined && <CopyOnce key={made.id} label="The new link" url={made.url} />}
      {links.length > 0 && (
        <ul className="rows" aria-label="Links to this document">
          {links.map((link) => (
            <li key={link.id}>
              <p className="row-words">
                <span>{ROLE_WORDS[link.role]}</span>
                <span>{linkWords(link, clock.now())}</span>
              </p>
              {mayShare && (
                <Button
                  aria-label={`Revoke the link: ${ROLE_WORDS[link.role]}, ${linkWords(link, clock.now())}`}
                  onClick={() => handleRevoke(link)}
                >
                  Revoke
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {links.length === 0 && !mayShare && <p className="share-note">No link leads here.</p>}
      <p className="form-failure" role="alert">
        {failure}
      </p>
    </section>
  )
}

/** How long a link may be good, in words, by days; 0: for ever. */
const EXPIRIES: Readonly<Record<string, string>> = { 0: "For ever", 1: "A day", 7: "A week", 30: "30 days" }

const DAY_MS = 86_400_000

interface NewLinkProps {
  readonly api: AccessApi
  readonly document: string
  readonly onMade: (link: NewShareLink) => void
}

function NewLink({ api, document, onMade }: NewLinkProps): React.ReactNode {
  const { clock } = useServices()
  // Another form for the next link: a reset would choose the first of each list.
  const [round, setRound] = useState(0)
  const form = useForm({
    checks: { role: checkNothing, days: checkNothing, password: checkNothing, views: checkViews },
    send: async (values) => {
      onMade(await api.createLink(document, wishesOf(values, clock.now())))
      setRound((former) => former + 1)
    },
    fieldOf: (code) => (code === "QUIRE_PASSWORD" ? "password" : undefined),
  })
  const { owner: _owner, ...roles } = ROLE_WORDS // nobody owns by a link
  return (
    <form className="share-form" data-many="true" key={round} {...form.props}>
      <SelectField label="Whoever has the link" name="role" defaultValue="viewer" choices={roles} />
      <SelectField label="Good for" name="days" defaultValue="7" choices={EXPIRIES} />
      <Field
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="May be left empty."
        {...form.field("password")}
      />
      <Field
        label="How often it opens"
        inputMode="numeric"
        autoComplete="off"
        hint="Empty: as often as one likes."
        {...form.field("views")}
      />
      <Button type="submit" aria-disabled={form.isSending}>
        Make a link
      </Button>
      {form.failure !== undefined && (
        <p className="form-failure" role="alert">
          {form.failure}
        </p>
      )}
    </form>
  )
}

function checkViews(text: string): string | undefined {
  return /^\s*([1-9]\d{0,5})?\s*$/.test(text) ? undefined : "A whole number, from 1."
}

function wishesOf(values: Readonly<Record<"role" | "days" | "password" | "views", string>>, nowMs: number): LinkWishes {
  const { role, password } = values
  const days = Number(values.days)
  const maxViews = Number(values.views)
  return {
    role: isRole(role) ? role : "viewer",
    ...(password === "" ? {} : { password }),
    ...(days > 0 ? { expiresMs: nowMs + days * DAY_MS } : {}),
    ...(maxViews > 0 ? { maxViews } : {}),
  }
}
