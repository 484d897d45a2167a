import type * as Y from "yjs"
import { blocksOf, plainText } from "./body.js"

/** Text between these marks is one token. Nobody writes inside another's token, so it is found whole or not at all. */
const OPEN = "⟦"
const CLOSE = "⟧"

/** Characters that go wrong where somebody counts bytes or units: pairs, joined emoji, right to left, combining. */
const FLAVOURS = ["", " plain", " 😀", " 👩‍👩‍👧‍👦", " שלום", " مرحبا", " e\u0301", " 𝔘𝔫𝔦", " \u200f"] as const

interface Made {
  readonly block: string
  /** Somebody has deleted, moved or copied it: nothing can be said of it any more. */
  isSpoiled: boolean
  isAcknowledged: boolean
}

/** Every token that anybody ever wrote, and what may be said of it. */
export class Tokens {
  readonly #made = new Map<string, Made>()
  /** Blocks that somebody has deleted or moved: with them goes what others write into them meanwhile. */
  readonly #doomed = new Set<string>()
  #count = 0

  /** A new one. @param flavour any whole number. */
  make(block: string, flavour: number): string {
    const token = `${OPEN}t${++this.#count}${FLAVOURS[flavour % FLAVOURS.length]}${CLOSE}`
    this.#made.set(token, { block, isSpoiled: false, isAcknowledged: false })
    return token
  }

  spoil(token: string): void {
    const made = this.#made.get(token)
    if (made !== undefined) made.isSpoiled = true
  }

  doom(block: string): void {
    this.#doomed.add(block)
  }

  acknowledge(token: string): void {
    const made = this.#made.get(token)
    if (made !== undefined) made.isAcknowledged = true
  }

  get acknowledged(): number {
    let count = 0
    for (const { isAcknowledged } of this.#made.values()) if (isAcknowledged) count++
    return count
  }

  /** What is wrong with the tokens of a ydoc, if anything: an acknowledged one that nobody touched is there once. */
  faultIn(ydoc: Y.Doc): string | undefined {
    const counts = new Map<string, number>()
    for (const { text } of blocksOf(ydoc)) {
      for (const token of tokensIn(plainText(text))) counts.set(token, (counts.get(token) ?? 0) + 1)
    }
    for (const [token, made] of this.#made) {
      if (made.isSpoiled || this.#doomed.has(made.block)) continue
      const count = counts.get(token) ?? 0
      if (count > 1) return `${token} is there ${count} times`
      if (count === 0 && made.isAcknowledged) return `${token} was acknowledged and is not there`
    }
    return undefined
  }
}

/** The whole tokens in a text, in order. */
export function tokensIn(text: string): string[] {
  return text.match(/⟦[^⟦⟧]*⟧/g) ?? []
}

/** Where one may write without breaking a token: the beginning, and behind each token. */
export function boundariesIn(text: string): number[] {
  const places = [0]
  for (let at = text.indexOf(CLOSE); at >= 0; at = text.indexOf(CLOSE, at + 1)) places.push(at + CLOSE.length)
  return places
}
