import { useEffect, useId, useRef } from "react"
import "./dialog.css"

interface DialogProps {
  readonly title: string
  readonly children: React.ReactNode
  /** It has been closed: by Escape, a click beside it, or its button. */
  readonly onClose: () => void
}

/**
 * A dialog over the page, a sheet where the window is narrow. It is the browser's own: that keeps the focus in it, closes
 * by Escape, and gives the focus back.
 */
export function Dialog({ title, children, onClose }: DialogProps): React.ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    const opener = document.activeElement
    if (element?.open === false) element.showModal()
    return () => {
      element?.close()
      // A dialog that is taken out of the page gives nothing back by itself.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and the browser's
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close() // its content covers all but its backdrop
      }}
    >
      <div className="dialog-content">
        <div className="dialog-header">
          <h2 id={id}>{title}</h2>
          <button type="button" className="dialog-close" aria-label="Close" onClick={() => dialog.current?.close()}>
            <svg viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" focusable="false">
              <path d="m5.5 5.5 9 9m0-9-9 9" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
            </svg>
          </button>
        </div>
        {children}
      </div>
    </dialog>
  )
}
