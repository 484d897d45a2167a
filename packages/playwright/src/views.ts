/** What one person sees. */
export interface View {
  /** The person. */
  readonly name: string
  /** Their text; `undefined` if the page showed none in time. */
  readonly text: string | undefined
  /** What may explain it, such as "network cut". */
  readonly remark: string | undefined
}

/** How much of a text is quoted, in UTF-16 units. */
const QUOTED = 200
/** How much is quoted before a first difference, and after it. */
const AROUND = 24

/** True if everybody sees a text, and all the same. */
export function isConverged(views: readonly View[]): boolean {
  const [first] = views
  return first?.text !== undefined && views.every((view) => view.text === first.text)
}

/** What each sees, people with the same text together, and where the first two texts part: for a person to read. */
export function describeViews(views: readonly View[]): string {
  const groups = new Map<string | undefined, View[]>()
  for (const view of views) groups.set(view.text, [...(groups.get(view.text) ?? []), view])
  const lines = [...groups].map(([text, group]) => `  ${group.map(named).join(", ")}: ${quoted(text)}`)
  const texts = [...groups].flatMap(([text, [view]]) => (text === undefined ? [] : [{ text, name: view?.name ?? "" }]))
  const [one, other] = texts
  if (one !== undefined && other !== undefined) lines.push(...firstDifference(one, other))
  return lines.join("\n")
}

interface Seen {
  readonly name: string
  readonly text: string
}

function firstDifference(one: Seen, other: Seen): string[] {
  let at = 0
  while (at < one.text.length && one.text[at] === other.text[at]) at++
  const before = one.text.slice(0, at)
  const line = before.split("\n").length
  const column = at - before.lastIndexOf("\n")
  const width = Math.max(one.name.length, other.name.length) + 1
  const shown = ({ name, text }: Seen): string => `  ${`${name}:`.padEnd(width)} ${around(text, at)}`
  return [`First difference: line ${line}, column ${column}, at ▸`, shown(one), shown(other)]
}

function around(text: string, at: number): string {
  const start = Math.max(0, at - AROUND)
  const end = Math.min(text.length, at + AROUND)
  const rest = end === at ? "(ends here)" : escaped(text.slice(at, end))
  return `${start > 0 ? "…" : ""}${escaped(text.slice(start, at))}▸${rest}${end < text.length ? "…" : ""}`
}

function quoted(text: string | undefined): string {
  if (text === undefined) return "no text in time"
  const shown = text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text
  return `${JSON.stringify(shown)} (${text.length} characters)`
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function named({ name, remark }: View): string {
  return remark === undefined ? name : `${name} (${remark})`
}
