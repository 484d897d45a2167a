/**
 * One life of a process or a tab. When it is over nothing that it began goes on; and it may be told to end itself at
 * one of its next actions, that is between two effects of one turn.
 */
export class Life {
  readonly actor: number
  #isOver = false
  #actionsLeft: number | undefined
  readonly #die: () => void

  /** @param die called when the fuse has burnt down; it must call `end`. */
  constructor(actor: number, die: () => void) {
    this.actor = actor
    this.#die = die
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Called before every effect on the world. @returns false if it must not happen any more. */
  mayAct(): boolean {
    if (this.#isOver) return false
    if (this.#actionsLeft === undefined || this.#actionsLeft-- > 0) return true
    this.#die()
    return false
  }

  /** It ends instead of its n-th next action. */
  endAfter(actions: number): void {
    this.#actionsLeft = actions
  }

  /** It is over. */
  end(): void {
    this.#isOver = true
  }
}
