import { type RefObject, useRef } from "react"

/** A popover below the button that opens it, kept within the window. */
export interface Popover {
  readonly button: RefObject<HTMLButtonElement | null>
  readonly panel: RefObject<HTMLDivElement | null>
  /** Shows it. Does nothing when it is shown. */
  readonly open: () => void
  /** Hides it. Does nothing when it is hidden. */
  readonly close: () => void
  /** Whether it is shown now. */
  readonly isOpen: () => boolean
}

/** Room between the button, the panel and the window's edges, in CSS pixels. */
const GAP = 6

/** The two ends of a popover. The browser closes it by Escape and by a click elsewhere. */
export function usePopover(): Popover {
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const isOpen = (): boolean => panel.current?.matches(":popover-open") === true
  return {
    button,
    panel,
    isOpen,
    open: () => {
      // Without a button of its own it stands below what it is part of.
      const anchor = button.current ?? panel.current?.parentElement
      if (anchor == null || panel.current === null || isOpen()) return
      panel.current.showPopover()
      const at = anchor.getBoundingClientRect()
      const { width } = panel.current.getBoundingClientRect()
      const rightmost = document.documentElement.clientWidth - width - GAP
      panel.current.style.left = `${Math.max(GAP, Math.min(at.left, rightmost))}px`
      panel.current.style.top = `${at.bottom + GAP}px`
    },
    close: () => {
      if (isOpen()) panel.current?.hidePopover()
    },
  }
}
