import { type EditorState, Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"

/** From so many blocks on, what is out of view is not drawn (`editor.css`, `is-long`). Below, it costs more than it saves. */
export const LONG_PAGE_BLOCKS = 1_000

/**
 * Names the block with the person's caret, so that it is drawn wherever it is. A browser that has not drawn a block yet
 * (a new one, until the next frame) puts a key that is pressed in it in the right place, and the caret behind it in the
 * wrong one.
 */
export function longPage(): Plugin<OwnBlock | undefined> {
  return new Plugin<OwnBlock | undefined>({
    key: ownBlockKey,
    state: {
      init: (_config, state) => ownBlock(state, undefined),
      apply: (_tr, value, _old, state) => ownBlock(state, value),
    },
    props: { decorations: (state) => ownBlockKey.getState(state)?.decorations },
  })
}

/** The block with the caret, and what is said of it. */
interface OwnBlock {
  readonly from: number
  readonly doc: EditorState["doc"]
  readonly decorations: DecorationSet
}

const ownBlockKey = new PluginKey<OwnBlock | undefined>("quire-long-page")

function ownBlock({ doc, selection }: EditorState, known: OwnBlock | undefined): OwnBlock | undefined {
  const { $head } = selection
  if (doc.childCount < LONG_PAGE_BLOCKS || $head.depth === 0) return undefined
  const [from, to] = [$head.before(1), $head.after(1)]
  if (known?.doc === doc && known.from === from) return known
  return {
    from,
    doc,
    decorations: DecorationSet.create(doc, [Decoration.node(from, to, { class: "has-own-caret" })]),
  }
}
