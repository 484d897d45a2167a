/** Where tools stand in the part of the page that can be seen. All lengths are CSS pixels. */

/** The part of the page that can be seen, as the browser's `visualViewport` has it. */
export interface VisibleArea {
  readonly width: number
  readonly height: number
  /** Its distance from the left edge of the layout viewport, which fixed elements stand in. */
  readonly offsetLeft: number
  /** Its distance from the upper edge of the layout viewport. */
  readonly offsetTop: number
  /** 1 as the page is laid out, more when somebody zooms in with two fingers. */
  readonly scale: number
}

/** Room between the button, the panel and the edges of what can be seen. */
const GAP = 6

/** Rounding of the browser's own: below this nobody has zoomed in. */
const ZOOMED_IN = 1.05

/**
 * How much of the layout viewport's lower end is covered, by the keyboard of a phone. 0 where the browser makes the page
 * itself smaller, and for somebody who has zoomed in: a bar that follows the fingers would be in the way.
 */
export function coveredBelow(visible: VisibleArea, layoutHeight: number): number {
  if (visible.scale > ZOOMED_IN) return 0
  return Math.max(0, Math.round(layoutHeight - visible.offsetTop - visible.height))
}

/** Where a panel stands, and how high it may be. */
export interface PanelPlace {
  readonly left: number
  readonly top: number
  readonly maxHeight: number
}

/** A panel stands below its button, or above it where it does not fit below and there is more room; never outside. */
export function panelPlace(
  anchor: Pick<DOMRect, "left" | "top" | "bottom">,
  panel: Pick<DOMRect, "width" | "height">,
  visible: VisibleArea,
): PanelPlace {
  const leftmost = visible.offsetLeft + GAP
  const rightmost = visible.offsetLeft + visible.width - panel.width - GAP
  const left = Math.max(leftmost, Math.min(anchor.left, rightmost))
  const roomBelow = visible.offsetTop + visible.height - GAP - (anchor.bottom + GAP)
  const roomAbove = anchor.top - GAP - (visible.offsetTop + GAP)
  if (panel.height <= roomBelow || roomBelow >= roomAbove) {
    return { left, top: anchor.bottom + GAP, maxHeight: Math.max(0, roomBelow) }
  }
  return { left, top: anchor.top - GAP - Math.min(panel.height, roomAbove), maxHeight: roomAbove }
}

/** Keeps the custom property `--covered` of an element at what the keyboard covers. Returns the undo. */
export function followKeyboard(element: HTMLElement, window: Window): () => void {
  const { visualViewport } = window
  if (visualViewport === null) return () => undefined
  const follow = (): void => {
    const covered = coveredBelow(visualViewport, window.document.documentElement.clientHeight)
    element.style.setProperty("--covered", `${covered}px`)
  }
  follow()
  visualViewport.addEventListener("resize", follow)
  visualViewport.addEventListener("scroll", follow)
  return () => {
    visualViewport.removeEventListener("resize", follow)
    visualViewport.removeEventListener("scroll", follow)
  }
}
