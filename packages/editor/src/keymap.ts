import type { Random } from "@quire/base"
import { HEADING_LEVELS } from "@quire/schema"
import { baseKeymap, chainCommands } from "prosemirror-commands"
import { keymap } from "prosemirror-keymap"
import type { Command, Plugin } from "prosemirror-state"
import { headingToParagraph, selectAllText, splitBlock, toHeading, toParagraph } from "./commands/blocks.js"
import { toggleEmphasis, toggleStrong } from "./commands/marks.js"
import type { EditHistory } from "./plugins/undo.js"

/** Headings beyond this have no key: hardly anybody nests so deep. */
const HEADING_KEYS_MAX = 3

/** Which key does what; `Mod` is Command on Apple's systems and Control elsewhere. What is not here, `baseKeymap` has. */
export function keyBindings(history: EditHistory, random: Random): Readonly<Record<string, Command>> {
  const split = splitBlock(random)
  const bindings: Record<string, Command> = {
    "Mod-b": toggleStrong,
    "Mod-i": toggleEmphasis,
    "Mod-z": history.undo,
    "Mod-Shift-z": history.redo,
    "Mod-y": history.redo,
    "Mod-a": selectAllText,
    "Mod-Alt-0": toParagraph,
    Enter: split,
    // No line break inside a block yet: without this the browser's own would come and go again.
    "Shift-Enter": split,
    Backspace: chainCommands(headingToParagraph, baseCommand("Backspace")),
  }
  for (const level of HEADING_LEVELS) {
    if (level <= HEADING_KEYS_MAX) bindings[`Mod-Alt-${level}`] = toHeading(level)
  }
  return bindings
}

/** The keys as plugins, ours first. */
export function keymaps(history: EditHistory, random: Random): readonly Plugin[] {
  return [keymap({ ...keyBindings(history, random) }), keymap(baseKeymap)]
}

function baseCommand(key: string): Command {
  return baseKeymap[key] ?? (() => false)
}
