import { bodyOf } from "@quire/document"
import { SCHEMA_VERSION } from "@quire/schema"
import type { SeededRandom } from "@quire/testing"
import * as Y from "yjs"
import { type Client, type ClientOptions, openClient } from "./harness.js"

/** How tokens, short texts that occur once in the world, lie in a document. */
export interface Content {
  /** Schema version its clients state: 0 for a plain document. */
  readonly schema: number
  /** Everything there, in order. */
  tokens(ydoc: Y.Doc): string[]
  /** How many are there. */
  length(ydoc: Y.Doc): number
  /** Puts a token at a place. */
  insert(ydoc: Y.Doc, index: number, token: string): void
  /** Takes the token at a place away. */
  remove(ydoc: Y.Doc, index: number): void
}

/** A plain document: a list of strings. */
export const PLAIN: Content = {
  schema: 0,
  tokens: (ydoc) => ydoc.getArray<string>("tokens").toArray(),
  length: (ydoc) => ydoc.getArray("tokens").length,
  insert: (ydoc, index, token) => ydoc.getArray<string>("tokens").insert(index, [token]),
  remove: (ydoc, index) => ydoc.getArray("tokens").delete(index, 1),
}

/** A page: one textblock a token. The block that pages are born with has no text and stays. */
export const PAGE: Content = {
  schema: SCHEMA_VERSION,
  tokens: (ydoc) => bodyOf(ydoc).toArray().map(textOf).slice(1),
  length: (ydoc) => bodyOf(ydoc).length - 1,
  insert: (ydoc, index, token) => {
    const block = new Y.XmlElement("textblock")
    block.setAttribute("id", token)
    block.insert(0, [new Y.XmlText(token)])
    bodyOf(ydoc).insert(index + 1, [block])
  },
  remove: (ydoc, index) => bodyOf(ydoc).delete(index + 1, 1),
}

function textOf(block: Y.XmlElement | Y.XmlText | Y.XmlHook): string {
  const text = block instanceof Y.XmlElement ? block.firstChild : block
  return text instanceof Y.XmlText ? text.toString() : ""
}

/** What the typist knows of a token. `saved` and `deleted` are what the provider vouched for. */
export type Fate = "typed" | "saved" | "deleting" | "deleted"

/** Somebody who types without a pause, and notes what was acknowledged. */
export class Typist {
  readonly client: Client
  readonly content: Content
  /** What became of each token. */
  readonly fates = new Map<string, Fate>()
  readonly #name: string
  readonly #random: SeededRandom
  readonly #edited: (what: "edit" | "acknowledgement") => void
  #number = 0
  #unsaved = 0
  #isTyping = false

  /**
   * @param name starts each token.
   * @param options where, with what content, and who hears of each edit and each acknowledgement.
   */
  constructor(
    name: string,
    options: {
      readonly url: string
      readonly document: string
      readonly content: Content
      readonly random: SeededRandom
      readonly onEdit: (what: "edit" | "acknowledgement") => void
      readonly provider: ClientOptions
    },
  ) {
    this.#name = name
    this.content = options.content
    this.#random = options.random
    this.#edited = options.onEdit
    this.client = openClient(options.url, options.document, { schema: options.content.schema, ...options.provider })
  }

  /** Tokens whose last edit the provider has not vouched for. */
  get undecided(): string[] {
    return [...this.fates].filter(([, fate]) => fate === "typed" || fate === "deleting").map(([token]) => token)
  }

  /** Starts to type: a few edits ahead of their acknowledgements, so that the typing goes as fast as the server. */
  start(): void {
    this.#isTyping = true
    this.#goOn()
  }

  /** Types no more. */
  stop(): void {
    this.#isTyping = false
  }

  /** One edit: mostly a new token, now and then an own saved one goes. */
  type(): void {
    const doomed = this.#random.below(8) === 0 ? this.#savedToken() : undefined
    if (doomed === undefined) this.#insert()
    else this.#delete(doomed)
  }

  #goOn(): void {
    const ahead = 1 + this.#random.below(4)
    while (this.#isTyping && this.#unsaved < ahead) this.type()
  }

  #insert(): void {
    const { ydoc } = this.client
    const token = `${this.#name}-${++this.#number}`
    this.fates.set(token, "typed")
    this.content.insert(ydoc, this.#random.below(this.content.length(ydoc) + 1), token)
    this.#note(token, "saved")
  }

  #delete(token: string): void {
    const { ydoc } = this.client
    this.fates.set(token, "deleting")
    this.content.remove(ydoc, this.content.tokens(ydoc).indexOf(token))
    this.#note(token, "deleted")
  }

  #savedToken(): string | undefined {
    const saved = [...this.fates].filter(([, fate]) => fate === "saved")
    return saved.length === 0 ? undefined : this.#random.pick(saved)[0]
  }

  #note(token: string, fate: "saved" | "deleted"): void {
    this.#unsaved++
    this.#edited("edit")
    this.client.provider.whenSaved().then(
      () => {
        this.#unsaved--
        this.fates.set(token, fate)
        this.#edited("acknowledgement")
        this.#goOn()
      },
      () => this.stop(), // closed: the test is over
    )
  }
}

/** What a document gets wrong, measured by what its typists were promised. Empty if it keeps every promise. */
export function brokenPromises(found: readonly string[], typists: readonly Typist[]): string[] {
  const counts = new Map<string, number>()
  for (const token of found) counts.set(token, (counts.get(token) ?? 0) + 1)
  const broken: string[] = []
  for (const [token, fate] of typists.flatMap(({ fates }) => [...fates])) {
    const count = counts.get(token) ?? 0
    counts.delete(token)
    if (fate === "saved" && count !== 1) broken.push(`${token} was saved and is there ${count} times`)
    if (fate === "deleted" && count !== 0) broken.push(`${token} was deleted and is there ${count} times`)
    if (count > 1) broken.push(`${token} is there ${count} times`)
  }
  for (const token of counts.keys()) broken.push(`${token} was never typed`)
  return broken
}
