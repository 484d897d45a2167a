import { useEffect, useState, useSyncExternalStore } from "react"
import { useServices } from "../app/services.js"
import { Banner } from "../document/Banner.js"
import "./update-notice.css"

/** Says, in a corner, that a reload would bring a newer Quire. Nothing is reloaded unasked. */
export function UpdateNotice(): React.ReactNode {
  const { shell } = useServices()
  const isReady = useSyncExternalStore(shell.subscribe, shell.isReady)
  const [isDismissed, setDismissed] = useState(false)
  useEffect(() => shell.start(), [shell])
  // The live region is there before it speaks: some screen readers miss those that come with their words.
  return (
    <div className="update-notice" aria-live="polite">
      {isReady && !isDismissed && (
        <Banner
          tone="note"
          actions={[
            { label: "Reload", onClick: () => window.location.reload() },
            { label: "Later", onClick: () => setDismissed(true) },
          ]}
        >
          A new version of Quire is ready.
        </Banner>
      )}
    </div>
  )
}
