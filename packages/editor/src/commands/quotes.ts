import { readLayout } from "@quire/schema"
import type { Command } from "prosemirror-state"
import { selectedBlocks, writeAttributes } from "./attributes.js"

/** Puts the selected blocks into a quote; where all of them are in one, takes them out. */
export const toggleQuote: Command = (state, dispatch) => {
  const blocks = selectedBlocks(state)
  const isAll = blocks.every(({ block }) => readLayout(block.attrs).quote > 0)
  return writeAttributes(
    state,
    dispatch,
    blocks
      .filter(({ block }) => isAll || readLayout(block.attrs).quote === 0)
      .map(({ block, position }) => ({ block, position, attributes: { quote: isAll ? null : 1 } })),
  )
}
