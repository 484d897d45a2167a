import { bodyJson } from "@quire/document"
import { plainText } from "@quire/schema"
import { useState } from "react"
import { copyText } from "../device/copy-text.js"
import { Banner } from "./Banner.js"
import type { PageSession } from "./page-session.js"
import { refusalWords } from "./refusal-words.js"

interface RefusedBannerProps {
  readonly session: PageSession
  /** The close code, 4400 to 4499. */
  readonly code: number
  /** The server's sentence. */
  readonly reason: string
}

/** The server will not have us any more, and says why. The text is still here, so it can be taken along. */
export function RefusedBanner({ session, code, reason }: RefusedBannerProps): React.ReactNode {
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no")
  const handleCopy = async (): Promise<void> => {
    const isCopied = await copyText(plainText(bodyJson(session.ydoc)))
    setCopied(isCopied ? "yes" : "failed")
  }
  const copyLabel = { no: "Copy the text", yes: "Copied", failed: "Could not copy" }[copied]
  return (
    <Banner
      tone="alert"
      actions={[
        { label: copyLabel, onClick: () => void handleCopy() },
        { label: "Reload", onClick: () => window.location.reload() },
      ]}
    >
      {refusalWords(code, reason)}
    </Banner>
  )
}
