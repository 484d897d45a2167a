import { useSyncExternalStore } from "react"
import { useServices } from "../app/services.js"
import { Banner } from "./Banner.js"
import type { PageSession } from "./page-session.js"
import { refusalWords } from "./refusal-words.js"
import { useCopyText } from "./use-copy-text.js"
import { useKeepAsNew } from "./use-keep-as-new.js"

/** Close codes after which a new document would be refused like this one: signed out, and a page too old. */
const NOT_HERE: ReadonlySet<number> = new Set([4401, 4422, 4426])

/** Close code (PROTOCOL.md): the sign-in, or the token, has ended. */
const SIGNED_OUT = 4401
const IN_FRAME =
  "The page around this one has not said anew who you are. This goes on once it has; the text can be copied."

interface RefusedBannerProps {
  readonly session: PageSession
  /** The document's title, as it is shown. */
  readonly title: string
  /** The close code, 4400 to 4499. */
  readonly code: number
  /** The server's sentence. */
  readonly reason: string
}

/** The server will not have us any more, and says why. The text is still here, so it can be taken along. */
export function RefusedBanner({ session, title, code, reason }: RefusedBannerProps): React.ReactNode {
  const { provider } = session
  const { host } = useServices()
  const isUnsaved = useSyncExternalStore(provider.subscribe, () => provider.getStatus().save.kind !== "saved")
  const copy = useCopyText(session)
  const { action: keep, failure } = useKeepAsNew(session, title)
  const isKeepable = isUnsaved && keep !== undefined && !NOT_HERE.has(code)
  const reload = { label: "Reload", onClick: () => window.location.reload() }
  return (
    <Banner tone="alert" actions={isKeepable ? [keep, copy, reload] : [copy, reload]}>
      {host !== undefined && code === SIGNED_OUT ? IN_FRAME : refusalWords(code, reason)} {failure}
    </Banner>
  )
}
