import { type Person, textColorOn } from "../../person.js"
import type { Stage } from "./activity.js"

/** How near, in px, the pointer must be to a caret for its name to show. */
const NEAR_PX = 10

/**
 * The carets of others in the page of one view, by their clients. How lively they are and whether the pointer is near
 * is written onto the elements, so that neither draws a caret anew.
 */
export class Flags {
  readonly #carets = new Map<number, HTMLElement>()
  readonly #stages = new Map<number, Stage>()

  /**
   * Makes somebody's caret. The name is drawn by CSS out of an attribute: it is no text of the page to find or copy.
   * ProseMirror asks again when it draws the block around it anew; the new one begins where the old one was.
   */
  create(page: Document, clientId: number, person: Person): HTMLElement {
    const caret = page.createElement("span")
    caret.className = "remote-caret"
    caret.setAttribute("aria-hidden", "true")
    caret.setAttribute("spellcheck", "false")
    caret.dataset.stage = this.#stages.get(clientId) ?? "active"
    caret.style.setProperty("--person", person.color)
    caret.style.setProperty("--person-text", textColorOn(person.color))
    const name = page.createElement("span")
    name.className = "remote-caret-name"
    name.dataset.name = person.name
    caret.append(name)
    this.#carets.set(clientId, caret)
    return caret
  }

  /** Says how lively those are who have a caret; the others are forgotten. */
  show(stages: ReadonlyMap<number, Stage>): void {
    for (const clientId of this.#carets.keys()) if (!stages.has(clientId)) this.#carets.delete(clientId)
    this.#stages.clear()
    for (const [clientId, stage] of stages) {
      this.#stages.set(clientId, stage)
      const caret = this.#carets.get(clientId)
      if (caret !== undefined && caret.dataset.stage !== stage) caret.dataset.stage = stage
    }
  }

  /** Shows the names of the carets near a point of the window, and of no others; `undefined`: the pointer is gone. */
  pointAt(point: { readonly x: number; readonly y: number } | undefined): void {
    for (const caret of this.#carets.values()) {
      caret.toggleAttribute("data-near", point !== undefined && isNear(caret.getBoundingClientRect(), point))
    }
  }
}

function isNear(box: DOMRect, { x, y }: { readonly x: number; readonly y: number }): boolean {
  const isBeside = x >= box.left - NEAR_PX && x <= box.right + NEAR_PX
  return isBeside && y >= box.top - NEAR_PX && y <= box.bottom + NEAR_PX
}
