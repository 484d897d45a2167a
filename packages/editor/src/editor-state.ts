import type { Clock, Random } from "@quire/base"
import type { BodyWatch } from "@quire/document"
import { EditorState, type Plugin } from "prosemirror-state"
import type { Awareness } from "y-protocols/awareness"
import type * as Y from "yjs"
import { inputRules } from "./input-rules.js"
import { keymaps } from "./keymap.js"
import { blockIds } from "./plugins/block-ids.js"
import { cursors } from "./plugins/cursors.js"
import { firstBlock } from "./plugins/first-block.js"
import { placeholder } from "./plugins/placeholder.js"
import { bindBody } from "./plugins/sync.js"
import type { EditHistory } from "./plugins/undo.js"
import { wholeCharacters } from "./plugins/whole-characters.js"

/** What an editor's state is made of. */
export interface EditorStateOptions {
  /** The page's ydoc. */
  readonly ydoc: Y.Doc
  /** Watches its body, and has found nothing that does not fit. */
  readonly watch: BodyWatch
  /** Who is present. */
  readonly awareness: Awareness
  /** What the person can take back. */
  readonly history: EditHistory
  /** Where the ids of new blocks come from. */
  readonly random: Random
  /** Time, for names that show for a moment. */
  readonly clock: Clock
  /** What an empty page says. */
  readonly hint: string
  /** Plugins that need a browser, after all others. */
  readonly extra?: readonly Plugin[]
}

/** The state an editor starts with: the page's text and every plugin, in the order in which they must hear of a change. */
export function createEditorState(options: EditorStateOptions): EditorState {
  const { ydoc, watch, awareness, history, random, clock, hint } = options
  const { doc, plugins } = bindBody(ydoc, watch)
  return EditorState.create({
    doc,
    plugins: [
      history.plugin(), // before sync: it divides steps before an edit is written
      ...plugins,
      cursors(awareness, clock), // after sync: it asks where things are in the ydoc
      wholeCharacters(),
      blockIds(random),
      firstBlock(),
      placeholder(hint),
      inputRules(random),
      ...keymaps(history, random),
      ...(options.extra ?? []),
    ],
  })
}
