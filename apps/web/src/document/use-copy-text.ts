import { bodyJson } from "@quire/document"
import { plainText } from "@quire/schema"
import { useState } from "react"
import { copyText } from "../device/copy-text.js"
import type { PageSession } from "./page-session.js"

/** What a banner offers to take the text along: its words, which say how it went, and its deed. */
export function useCopyText(session: PageSession): { readonly label: string; readonly onClick: () => void } {
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no")
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(plainText(bodyJson(session.ydoc)))
    setCopied(isCopied ? "yes" : "failed")
  }
  const label = { no: "Copy my text", yes: "Copied", failed: "Could not copy" }[copied]
  return { label, onClick: () => void copy() }
}
