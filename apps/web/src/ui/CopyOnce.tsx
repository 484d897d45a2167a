import { useId, useState } from "react"
import { copyText } from "../device/copy-text.js"
import { Button } from "./Button.js"
import "./field.css"
import "./copy-once.css"

/** An address that is shown once: with a button that copies it, and selected by a click. */
export function CopyOnce({ label, url }: { readonly label: string; readonly url: string }): React.ReactNode {
  const id = useId()
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no")
  const handleCopy = async (): Promise<void> => setCopied((await copyText(url)) ? "yes" : "failed")
  return (
    <div className="copy-once">
      <label htmlFor={id}>{label}</label>
      <div className="copy-once-row">
        <div className="field-box">
          <input id={id} readOnly value={url} onFocus={(event) => event.currentTarget.select()} />
        </div>
        <Button look="primary" onClick={() => void handleCopy()}>
          {copied === "yes" ? "Copied" : "Copy"}
        </Button>
      </div>
      <p role="status" className="field-note">
        {copied === "failed" ? "It could not be copied: select and copy it." : "Copy it now: it is not shown again."}
      </p>
    </div>
  )
}
