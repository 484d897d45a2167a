import { describe, expect, it } from "vitest"
import { coveredBelow, panelPlace } from "../../src/document/tool-place.js"

const whole = { width: 390, height: 800, offsetLeft: 0, offsetTop: 0, scale: 1 }

describe("what is covered below", () => {
  it("is nothing without a keyboard, nor where the browser makes the page smaller", () => {
    expect(coveredBelow(whole, 800)).toBe(0)
    expect(coveredBelow({ ...whole, height: 500 }, 500)).toBe(0)
  })

  it("is the keyboard, less what the page is pushed up by", () => {
    expect(coveredBelow({ ...whole, height: 480.4 }, 800)).toBe(320)
    expect(coveredBelow({ ...whole, height: 480, offsetTop: 120 }, 800)).toBe(200)
  })

  it("is nothing to somebody who zoomed in, and never negative", () => {
    expect(coveredBelow({ ...whole, height: 400, scale: 2 }, 800)).toBe(0)
    expect(coveredBelow({ ...whole, height: 810 }, 800)).toBe(0)
  })
})

describe("the place of a panel", () => {
  const panel = { width: 280, height: 300 }

  it("is below its button, and within the window at both sides", () => {
    const below = { top: 56, maxHeight: 738 }
    expect(panelPlace({ left: 40, top: 10, bottom: 50 }, panel, whole)).toEqual({ left: 40, ...below })
    expect(panelPlace({ left: 350, top: 10, bottom: 50 }, panel, whole)).toEqual({ left: 104, ...below })
    expect(panelPlace({ left: -20, top: 10, bottom: 50 }, panel, whole)).toEqual({ left: 6, ...below })
  })

  it("is above its button where there is no room below, be it because of a keyboard", () => {
    expect(panelPlace({ left: 40, top: 740, bottom: 784 }, panel, whole)).toEqual({
      left: 40,
      top: 434,
      maxHeight: 728,
    })
    const above = { ...whole, height: 480 }
    expect(panelPlace({ left: 40, top: 430, bottom: 474 }, panel, above)).toEqual({
      left: 40,
      top: 124,
      maxHeight: 418,
    })
  })

  it("is where there is more room when it fits nowhere, and is made lower", () => {
    const little = { ...whole, height: 250, offsetTop: 50 }
    const low = { left: 40, top: 250, bottom: 294 }
    expect(panelPlace(low, panel, little)).toEqual({ left: 40, top: 56, maxHeight: 188 })
    const high = { left: 40, top: 60, bottom: 104 }
    expect(panelPlace(high, panel, little)).toEqual({ left: 40, top: 110, maxHeight: 184 })
  })
})
