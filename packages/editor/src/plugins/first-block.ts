import { schema } from "@quire/schema"
import { Plugin, TextSelection, type Transaction } from "prosemirror-state"
import { isRemote } from "./sync.js"

/**
 * A page may be without any block (the schema must allow it), but nobody can write there. So a local edit that takes the
 * last block leaves an empty one, and a key pressed on a page that others have emptied makes one first. Opening such
 * a page writes nothing.
 */
export function firstBlock(): Plugin {
  return new Plugin({
    appendTransaction(transactions, _oldState, newState) {
      const isLocalEdit = transactions.some((tr) => tr.docChanged) && !transactions.some(isRemote)
      return isLocalEdit && newState.doc.childCount === 0 ? withFirstBlock(newState.tr) : null
    },
    props: {
      handleDOMEvents: {
        keydown(view) {
          if (view.editable && view.state.doc.childCount === 0) view.dispatch(withFirstBlock(view.state.tr))
          return false
        },
      },
    },
  })
}

function withFirstBlock(tr: Transaction): Transaction {
  tr.insert(0, schema.node("textblock"))
  return tr.setSelection(TextSelection.create(tr.doc, 1))
}
