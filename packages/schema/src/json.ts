/** A page as plain JSON: what `Node.toJSON` gives and `Node.fromJSON` takes. */
export interface DocJson {
  readonly type: "doc"
  /** The blocks, first to last. */
  readonly content: readonly BlockJson[]
}

/** One block of a page. */
export interface BlockJson {
  /** The node's name, `textblock` so far. */
  readonly type: string
  /** The attributes that are stored; what is left out has its default. */
  readonly attrs?: Readonly<Record<string, unknown>>
  /** The text of the block in runs of equal marks; left out when it is empty. */
  readonly content?: readonly TextJson[]
}

/** A run of text whose marks are the same throughout. */
export interface TextJson {
  readonly type: "text"
  /** At least one UTF-16 unit. */
  readonly text: string
  /** The marks on it; left out when there are none. */
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> }[]
}
