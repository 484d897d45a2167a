import { Mark, type Node } from "prosemirror-model"
import { schema } from "../schema.js"

/** The text of one block while it is read: melts white space as HTML does, and joins runs of equal marks. */
export class TextRuns {
  readonly #runs: { text: string; readonly marks: readonly Mark[] }[] = []
  /** Whether white space that comes next would be the second in a row, or stand at the start of a line. */
  #isAfterSpace = true
  /** Whether the last character is a space that is dropped at the end of a line. */
  #hasLooseSpace = false
  /** Whether the last character is a line break that an element made. */
  #endsInBreak = false

  add(text: string, marks: readonly Mark[], keepsSpace: boolean): void {
    const kept = keepsSpace ? text.replace(/\r\n?/g, "\n") : this.#melt(text)
    if (kept === "") return
    this.#push(kept, marks)
    this.#endsInBreak = false
    this.#hasLooseSpace = !keepsSpace && kept.endsWith(" ")
    this.#isAfterSpace = keepsSpace ? false : kept.endsWith(" ")
  }

  /** Ends the line. */
  breakLine(marks: readonly Mark[]): void {
    this.#dropLooseSpace()
    this.#push("\n", marks)
    this.#isAfterSpace = true
    this.#endsInBreak = true
  }

  /** The runs as nodes. A break at the very end only closes the last line, and is left out. */
  finish(): readonly Node[] {
    this.#dropLooseSpace()
    if (this.#endsInBreak) this.#dropLast()
    return this.#runs.filter(({ text }) => text !== "").map(({ text, marks }) => schema.text(text, marks))
  }

  #melt(text: string): string {
    const melted = text.replace(/[ \t\n\r\f]+/g, " ")
    return this.#isAfterSpace ? melted.replace(/^ /, "") : melted
  }

  #push(text: string, marks: readonly Mark[]): void {
    const last = this.#runs.at(-1)
    if (last !== undefined && Mark.sameSet(last.marks, marks)) last.text += text
    else this.#runs.push({ text, marks })
  }

  #dropLooseSpace(): void {
    if (this.#hasLooseSpace) this.#dropLast()
    this.#hasLooseSpace = false
  }

  #dropLast(): void {
    const last = this.#runs.at(-1)
    if (last !== undefined) last.text = last.text.slice(0, -1)
  }
}
