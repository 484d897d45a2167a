import type { Status } from "@quire/provider"
import { useSyncExternalStore } from "react"
import { Banner } from "./Banner.js"
import type { PageSession } from "./page-session.js"
import { rightsWords } from "./rights-words.js"
import { useCopyText } from "./use-copy-text.js"
import { useKeepAsNew } from "./use-keep-as-new.js"

interface RightsBannerProps {
  readonly session: PageSession
  /** The document's title, as it is shown. */
  readonly title: string
  /** What the person may do here now; until now it was to write. */
  readonly grant: NonNullable<Status["grant"]>
}

/** The right to write was taken away while the page is open. The text is still here, and can be taken along. */
export function RightsBanner({ session, title, grant }: RightsBannerProps): React.ReactNode {
  const { provider } = session
  const isUnsaved = useSyncExternalStore(provider.subscribe, () => provider.getStatus().save.kind !== "saved")
  const copy = useCopyText(session)
  const { action: keep, failure } = useKeepAsNew(session, title)
  const actions = keep === undefined ? [copy] : [keep, copy]
  return (
    <Banner tone="alert" actions={isUnsaved ? actions : []}>
      {rightsWords(grant, { isUnsaved, mayKeep: keep !== undefined })} {failure}
    </Banner>
  )
}
