import { useEffect } from "react"
import { BackIcon } from "../ui/icons.js"
import { Link } from "../ui/Link.js"
import "../ui/rows.css"
import "./settings.css"

/** A page of settings: a heading, and sections below each other. */
export function SettingsPage({
  title,
  children,
}: {
  readonly title: string
  readonly children: React.ReactNode
}): React.ReactNode {
  useEffect(() => {
    document.title = `${title} · Quire`
  }, [title])
  return (
    <div className="settings">
      <header className="settings-header">
        <Link className="settings-back" href="/">
          <BackIcon />
          All documents
        </Link>
      </header>
      <main id="content" className="settings-main" tabIndex={-1}>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}

/** One part of a page of settings. */
export function Section({
  title,
  children,
}: {
  readonly title: string
  readonly children: React.ReactNode
}): React.ReactNode {
  return (
    <section className="settings-section" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}
