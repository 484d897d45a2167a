import type { Random } from "@quire/base"
import { cleanLanguage, headingLevel, isTextblock, type MarkName, QUOTE_MAX, readLayout, schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { type Command, type EditorState, Plugin, PluginKey, TextSelection, type Transaction } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import { createBlockId } from "./block-id.js"
import { type AttributeChange, setAttributes } from "./commands/attributes.js"
import { toCode } from "./commands/code.js"
import { asOwnStep } from "./plugins/undo.js"

/**
 * Markdown typed into the text becomes what it means. One Backspace right afterwards gives back what was typed. At the
 * start of a block: `- `, `* `, `1. `, `[] `, `[x] `, `> `, `# ` to `###### `, `---` and three backticks; around words:
 * `**b**`, `*i*`, `_i_`, `` `c` `` and `~~s~~`. What an input method writes is read when its composition is over.
 */
export function inputRules(random: Random): Plugin {
  return new Plugin<AppliedRule | null>({
    key: inputRulesKey,
    state: {
      init: () => null,
      apply(tr, applied) {
        const begun = tr.getMeta(inputRulesKey) as AppliedRule | undefined // as `applyRule` sets it
        if (begun !== undefined) return begun
        // Ids that the editor gives to what a rule made belong to it, and move nothing.
        if (tr.getMeta("appendedTransaction") !== undefined && tr.mapping.maps.every((map) => isEmptyMap(map))) {
          return applied
        }
        return tr.docChanged || tr.selectionSet ? null : applied
      },
    },
    props: {
      handleTextInput(view, from, to, text) {
        if (view.composing) return false
        const tr = applyRule(view.state, { from, to, text }, random)
        if (tr === undefined) return false
        view.dispatch(tr)
        return true
      },
      handleDOMEvents: {
        compositionend(view, event) {
          // After the view has read what the composition left behind.
          if (LAST_SIGN.test(event.data)) setTimeout(() => applyAfterComposition(view, random), 0)
          return false
        },
      },
    },
  })
}

function applyAfterComposition(view: EditorView, random: Random): void {
  if (view.isDestroyed || view.composing || !view.state.selection.empty) return
  const { from, to } = view.state.selection
  const tr = applyRule(view.state, { from, to, text: "" }, random)
  if (tr !== undefined) view.dispatch(tr)
}

/** Right after a rule was applied: gives back what was typed. For Backspace. */
export const undoInputRule: Command = (state, dispatch) => {
  const applied = inputRulesKey.getState(state)
  if (applied === undefined || applied === null) return false
  if (dispatch === undefined) return true
  const tr = state.tr
  for (let index = applied.rule.steps.length - 1; index >= 0; index--) {
    const [step, before] = [applied.rule.steps[index], applied.rule.docs[index]]
    if (step !== undefined && before !== undefined) tr.step(step.invert(before))
  }
  if (applied.text !== "") tr.insertText(applied.text, applied.from, applied.to)
  else tr.setSelection(TextSelection.create(tr.doc, applied.from, applied.to))
  dispatch(asOwnStep(tr.setStoredMarks([])).scrollIntoView())
  return true
}

/** For Enter after three backticks, with or without a language: begins a block of code. */
export const fenceOnEnter: Command = (state, dispatch) => {
  const { $from, from, to, empty } = state.selection
  if (!empty || $from.parentOffset !== $from.parent.content.size) return false
  const tr = fence(state, { from, to, text: "" })
  if (tr !== undefined) dispatch?.(tr)
  return tr !== undefined
}

/** What a rule did, to be taken back by one Backspace. */
interface AppliedRule {
  readonly rule: Transaction
  readonly from: number
  readonly to: number
  /** What was typed last and is not in the doc. */
  readonly text: string
}

/** What every rule's text ends with. */
const LAST_SIGN = /[\s\-*_`~]$/

/** Text that is about to replace a range of the doc; empty if all of it is there already. */
interface Typed {
  readonly from: number
  readonly to: number
  readonly text: string
}

const inputRulesKey = new PluginKey<AppliedRule | null>("quire-input-rules")

/** Longest text before the caret that is looked at, in UTF-16 units. */
const LOOK_BACK = 500

function applyRule(state: EditorState, typed: Typed, random: Random): Transaction | undefined {
  const $from = state.doc.resolve(typed.from)
  const isInText = isTextblock($from.parent) && $from.sameParent(state.doc.resolve(typed.to))
  if (!isInText || !(typed.text === "" || LAST_SIGN.test(typed.text))) return undefined
  return fence(state, typed) ?? atStart(state, typed, random) ?? aroundWords(state, typed)
}

/** A rule that reads the block from its start. */
function atStart(state: EditorState, typed: Typed, random: Random): Transaction | undefined {
  const $from = state.doc.resolve(typed.from)
  const block = $from.parent
  const written = block.textBetween(0, $from.parentOffset) + typed.text
  if (written.length > 12) return undefined
  const tr = state.tr.delete($from.start(), typed.to)
  if (written === "---" && $from.parentOffset + (typed.to - typed.from) === block.content.size) {
    const { indent, quote } = block.attrs
    return asRule(tr.insert($from.before(), schema.node("rule", { indent, quote, id: createBlockId(random) })), typed)
  }
  const attributes = meaning(written, block)
  if (attributes === undefined) return undefined
  return asRule(setAttributes(tr, [{ block, position: $from.before(), attributes }]), typed)
}

/** What the signs at the start of a block make of it. */
function meaning(written: string, block: Node): AttributeChange["attributes"] | undefined {
  const { list, quote } = readLayout(block.attrs)
  const hashes = /^(#{1,6})\s$/.exec(written)?.[1]
  if (hashes !== undefined) return { kind: "heading", level: hashes.length }
  if (/^>\s$/.test(written)) return quote < QUOTE_MAX ? { quote: quote + 1 } : undefined
  const box = /^\[([ xX]?)\]\s$/.exec(written)?.[1]
  // A box in a bullet, as Markdown has it, is a task too; in a task it says whether that is done.
  if (box !== undefined && (list === undefined || list === "bullet" || list === "task")) {
    return { list: "task", checked: box.trim() === "" ? null : true }
  }
  if (list !== undefined || headingLevel(block.attrs) !== undefined) return undefined
  if (/^[-*+]\s$/.test(written)) return { list: "bullet" }
  const number = /^(\d{1,9})[.)]\s$/.exec(written)?.[1]
  if (number !== undefined) return { list: "ordered", start: Number(number) === 1 ? null : Number(number) }
  return undefined
}

/** Three backticks, perhaps a language, then a space or Enter. */
function fence(state: EditorState, typed: Typed): Transaction | undefined {
  const $from = state.doc.resolve(typed.from)
  const block = $from.parent
  if (!isTextblock(block) || $from.parentOffset + (typed.to - typed.from) !== block.content.size) return undefined
  const written = block.textBetween(0, $from.parentOffset) + typed.text
  const name = /^```(\S*)\s?$/.exec(written)?.[1]
  if (name === undefined || (typed.text !== "" && !/\s$/.test(written))) return undefined
  const language = cleanLanguage(name)
  if (name !== "" && language === undefined) return undefined
  const position = $from.before()
  const tr = state.tr.delete($from.start(), typed.to)
  const empty = { block: block.type.create(block.attrs), position, index: $from.index(0) }
  toCode(tr, [empty], { anchor: position + 1, head: position + 1, language: language ?? null })
  return asRule(tr, typed)
}

/** Marks that are written as signs around words. The sign that is typed is the last. */
const AROUND: readonly { readonly mark: MarkName; readonly pattern: RegExp }[] = [
  { mark: "strong", pattern: /(?:^|[^*])(\*\*)(?=[^\s*])([^*]*[^\s*])\*\*$/ },
  { mark: "em", pattern: /(?:^|[^*\w])(\*)(?=[^\s*])([^*]*[^\s*])\*$/ },
  { mark: "em", pattern: /(?:^|[^_\w])(_)(?=[^\s_])([^_]*[^\s_])_$/ },
  { mark: "code", pattern: /(?:^|[^`])(`)([^`]*[^\s`])`$/ },
  { mark: "strike", pattern: /(?:^|[^~])(~~)(?=[^\s~])([^~]*[^\s~])~~$/ },
]

function aroundWords(state: EditorState, typed: Typed): Transaction | undefined {
  if (typed.text.length > 1) return undefined
  const $from = state.doc.resolve(typed.from)
  const lookFrom = Math.max(0, $from.parentOffset - LOOK_BACK)
  const written = $from.parent.textBetween(lookFrom, $from.parentOffset) + typed.text
  for (const { mark, pattern } of AROUND) {
    const match = pattern.exec(written)
    if (match === null) continue
    const [, sign = "", words = ""] = match
    const open = $from.start() + lookFrom + written.length - (2 * sign.length + words.length)
    const inside = open + sign.length
    // Signs inside of code are code.
    if (state.doc.rangeHasMark(open, typed.from, schema.marks.code)) return undefined
    const tr = state.tr.delete(inside + words.length, typed.to).delete(open, inside)
    tr.addMark(open, open + words.length, schema.mark(mark)).removeStoredMark(schema.marks[mark])
    return asRule(tr, typed)
  }
  return undefined
}

function asRule(tr: Transaction, typed: Typed): Transaction {
  const applied: AppliedRule = { rule: tr, ...typed }
  return asOwnStep(tr.setMeta(inputRulesKey, applied)).scrollIntoView()
}

function isEmptyMap(map: Transaction["mapping"]["maps"][number]): boolean {
  let isEmpty = true
  map.forEach(() => {
    isEmpty = false
  })
  return isEmpty
}
