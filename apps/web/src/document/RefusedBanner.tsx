import { bodyJson } from "@quire/document"
import { plainText } from "@quire/schema"
import { useState } from "react"
import { copyText } from "../device/copy-text.js"
import { Banner } from "./Banner.js"
import type { PageSession } from "./page-session.js"

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
      {refusalSentence(code, reason)}
    </Banner>
  )
}

function refusalSentence(code: number, reason: string): string {
  const known = SENTENCES[code]
  const why = reason === "" ? "" : ` The server says: ${reason.replace(/\.?$/, ".")}`
  return (known ?? "The server closed this document to you.") + why
}

/** What the close codes of the protocol mean for the person (PROTOCOL.md of the package protocol). */
const SENTENCES: Readonly<Record<number, string>> = {
  4401: "You are not signed in any more. Sign in, then reload.",
  4403: "You may not open this document. Ask its owner to share it with you.",
  4413: "What was written is too large for this document. Copy it, reload, and put it back in smaller pieces.",
  4422: "This page was written with a newer Quire. Reload to get it.",
  4426: "This tab runs an older Quire than the server. Reload to get the new one.",
}
