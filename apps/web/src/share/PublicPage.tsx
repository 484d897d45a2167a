import { useRef } from "react"
import type { AccessApi, Publication } from "../api/access.js"
import { Button } from "../ui/Button.js"
import { CopyAddress } from "../ui/CopyOnce.js"
import { useDeed } from "../ui/use-deed.js"

interface PublicPageProps {
  readonly api: AccessApi
  /** The document's name. */
  readonly document: string
  readonly publication: Publication | undefined
  /** Whether the person may change it. */
  readonly mayPublish: boolean
  readonly onChange: () => void
}

/** Whether anybody may read the page at an address of its own. */
export function PublicPage({ api, document, publication, mayPublish, onChange }: PublicPageProps): React.ReactNode {
  const { failure, run } = useDeed()
  const heading = useRef<HTMLHeadingElement>(null)
  const handle = (deed: () => Promise<void>): void =>
    run(async () => {
      try {
        await deed()
      } finally {
        onChange() // also after a refusal: what is shown is what holds
      }
    })
  const handleToggle = (): void => {
    heading.current?.focus() // the button that had the focus goes away
    handle(() => (publication === undefined ? api.publish(document, false) : api.unpublish(document)))
  }
  return (
    <section className="share-part" aria-labelledby="share-public">
      <h3 id="share-public" ref={heading} tabIndex={-1}>
        Public page
      </h3>
      <p className="share-note">
        {publication === undefined
          ? "Only the people above, and whoever has a link, can read this."
          : "Anybody who has the address can read this, as it is at the time, without signing in."}
      </p>
      {publication !== undefined && <CopyAddress label="The page's address" url={publication.url} />}
      {publication !== undefined && mayPublish && (
        <label className="share-check">
          <input
            type="checkbox"
            checked={publication.isIndexed}
            onChange={(event) => {
              const isIndexed = event.currentTarget.checked
              handle(() => api.publish(document, isIndexed))
            }}
          />
          Search engines may list it
        </label>
      )}
      {publication?.isIndexed === true && !mayPublish && <p className="share-note">Search engines may list it.</p>}
      {mayPublish && (
        <div>
          <Button onClick={handleToggle}>{publication === undefined ? "Make a public page" : "Take it away"}</Button>
        </div>
      )}
      <p className="form-failure" role="alert">
        {failure}
      </p>
    </section>
  )
}
