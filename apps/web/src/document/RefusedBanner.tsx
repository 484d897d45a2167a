import { Banner } from "./Banner.js"
import type { PageSession } from "./page-session.js"
import { refusalWords } from "./refusal-words.js"
import { useCopyText } from "./use-copy-text.js"

interface RefusedBannerProps {
  readonly session: PageSession
  /** The close code, 4400 to 4499. */
  readonly code: number
  /** The server's sentence. */
  readonly reason: string
}

/** The server will not have us any more, and says why. The text is still here, so it can be taken along. */
export function RefusedBanner({ session, code, reason }: RefusedBannerProps): React.ReactNode {
  const copy = useCopyText(session)
  return (
    <Banner tone="alert" actions={[copy, { label: "Reload", onClick: () => window.location.reload() }]}>
      {refusalWords(code, reason)}
    </Banner>
  )
}
