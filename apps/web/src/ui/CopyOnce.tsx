import { useId, useState } from "react"
import { copyText } from "../device/copy-text.js"
import { Button } from "./Button.js"
import "./field.css"
import "./copy-once.css"

interface CopyProps {
  readonly label: string
  readonly url: string
}

/** An address that is shown once: with a button that copies it, and selected by a click. */
export function CopyOnce(props: CopyProps): React.ReactNode {
  return <Copy {...props} look="primary" hint="Copy it now: it is not shown again." />
}

/** An address that stays: with a button that copies it, and selected by a click. */
export function CopyAddress(props: CopyProps): React.ReactNode {
  return <Copy {...props} look="plain" hint="" />
}

function Copy({ label, url, look, hint }: CopyProps & { look: "primary" | "plain"; hint: string }): React.ReactNode {
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
        <Button look={look} onClick={() => void handleCopy()}>
          {copied === "yes" ? "Copied" : "Copy"}
        </Button>
      </div>
      <p role="status" className="field-note">
        {copied === "failed" ? "It could not be copied: select and copy it." : hint}
      </p>
    </div>
  )
}
