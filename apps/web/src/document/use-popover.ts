import { type RefObject, useEffect, useEffectEvent, useRef } from "react"
import { panelPlace, type VisibleArea } from "./tool-place.js"

/** A popover below or above the button that opens it, kept within what can be seen. */
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

/** The two ends of a popover. The browser closes it by Escape and by a click elsewhere. */
export function usePopover(): Popover {
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const isOpen = (): boolean => panel.current?.matches(":popover-open") === true
  const place = (): void => {
    // Without a button of its own it stands beside what it is part of.
    const anchor = button.current ?? panel.current?.parentElement
    if (anchor == null || panel.current === null || !isOpen()) return
    const { style } = panel.current
    style.maxHeight = ""
    const { left, top, maxHeight } = panelPlace(
      anchor.getBoundingClientRect(),
      panel.current.getBoundingClientRect(),
      visibleArea(),
    )
    style.left = `${left}px`
    style.top = `${top}px`
    style.maxHeight = `${maxHeight}px`
  }
  const placeAgain = useEffectEvent(place)
  useEffect(() => {
    const handleResize = (): void => placeAgain()
    // A keyboard that comes up for a field in the panel changes the one and not the other.
    const resized = [window, window.visualViewport]
    for (const target of resized) target?.addEventListener("resize", handleResize)
    return () => {
      for (const target of resized) target?.removeEventListener("resize", handleResize)
    }
  }, [])
  return {
    button,
    panel,
    isOpen,
    open: () => {
      if (isOpen()) return
      panel.current?.showPopover()
      place()
    },
    close: () => {
      if (isOpen()) panel.current?.hidePopover()
    },
  }
}

function visibleArea(): VisibleArea {
  const { clientWidth, clientHeight } = document.documentElement
  return window.visualViewport ?? { width: clientWidth, height: clientHeight, offsetLeft: 0, offsetTop: 0, scale: 1 }
}
