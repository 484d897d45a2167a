import type { Random } from "@quire/base"
import { HEADING_LEVELS } from "@quire/schema"
import { baseKeymap, chainCommands } from "prosemirror-commands"
import { keymap } from "prosemirror-keymap"
import type { Command, Plugin } from "prosemirror-state"
import { breakLine, headingToParagraph, selectAllText, splitBlock, toHeading, toParagraph } from "./commands/blocks.js"
import { codeblockToText, leaveCodeDown, toggleCodeblock } from "./commands/code.js"
import { indentItems, leaveAtStart, leaveWhenEmpty, outdentItems, toggleChecked, toggleList } from "./commands/lists.js"
import { toggleCode, toggleEmphasis, toggleStrike, toggleStrong, toggleUnderline } from "./commands/marks.js"
import { toggleQuote } from "./commands/quotes.js"
import { fenceOnEnter, undoInputRule } from "./input-rules.js"
import type { EditHistory } from "./plugins/undo.js"

/** Headings beyond this have no key: hardly anybody nests so deep. */
const HEADING_KEYS_MAX = 3

/** Which key does what; `Mod` is Command on Apple's systems and Control elsewhere. What is not here, `baseKeymap` has. */
export function keyBindings(history: EditHistory, random: Random): Readonly<Record<string, Command>> {
  const bindings: Record<string, Command> = {
    "Mod-b": toggleStrong,
    "Mod-i": toggleEmphasis,
    "Mod-u": toggleUnderline,
    "Mod-e": toggleCode,
    "Mod-Shift-x": toggleStrike,
    "Mod-z": history.undo,
    "Mod-Shift-z": history.redo,
    "Mod-y": history.redo,
    "Mod-a": selectAllText,
    "Mod-Alt-0": toParagraph,
    "Mod-Alt-c": toggleCodeblock,
    "Mod-Shift-7": toggleList("ordered"),
    "Mod-Shift-8": toggleList("bullet"),
    "Mod-Shift-9": toggleList("task"),
    "Mod-Shift-.": toggleQuote,
    // In lists only: elsewhere Tab goes on to what follows the text.
    Tab: indentItems,
    "Shift-Tab": outdentItems,
    Enter: chainCommands(fenceOnEnter, leaveWhenEmpty, splitBlock(random)),
    "Shift-Enter": breakLine,
    "Mod-Enter": chainCommands(toggleChecked, baseCommand("Mod-Enter")),
    ArrowDown: leaveCodeDown,
    Backspace: chainCommands(
      undoInputRule,
      headingToParagraph,
      leaveAtStart,
      codeblockToText,
      baseCommand("Backspace"),
    ),
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
