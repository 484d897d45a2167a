// Runs in, one table and one JSON text out.
import { median } from "../report.mjs"

/**
 * What is measured, in the order of the table. `phase` is the part of a visit that gives it. `targets` are by number of
 * blocks: `times` the plain page's figure, or `atMost`.
 */
export const METRICS = [
  {
    id: "keyAlone50",
    phase: "alone",
    label: "key to paint, alone, p50",
    unit: "ms",
    targets: { 300: { times: 1.2 }, 3000: { times: 0.75 }, 10000: { times: 0.65 } },
  },
  {
    id: "keyAlone95",
    phase: "alone",
    label: "key to paint, alone, p95",
    unit: "ms",
    targets: { 300: { times: 1.2 }, 3000: { times: 0.75 }, 10000: { times: 0.65 } },
  },
  {
    id: "keyBusy50",
    phase: "busy",
    label: "key to paint, busy, p50",
    unit: "ms",
    targets: { 3000: { times: 0.8 }, 10000: { times: 0.4 } },
  },
  {
    id: "keyBusy95",
    phase: "busy",
    label: "key to paint, busy, p95",
    unit: "ms",
    targets: { 3000: { times: 0.8 }, 10000: { times: 0.4 } },
  },
  { id: "remote50", phase: "remote", label: "remote key to paint, one other, p50", unit: "ms", targets: {} },
  {
    id: "remoteBusy50",
    phase: "busy",
    label: "remote key to paint, busy, p50",
    unit: "ms",
    targets: { 3000: { times: 0.8 }, 10000: { times: 0.25 } },
  },
  { id: "shareAlone", phase: "alone", label: "main thread at work, alone", unit: "%", targets: {} },
  {
    id: "shareBusy",
    phase: "busy",
    label: "main thread at work, busy",
    unit: "%",
    targets: { 3000: { atMost: 30 }, 10000: { atMost: 65 } },
  },
  {
    id: "editable",
    phase: "opening",
    label: "navigation to editable, cold",
    unit: "ms",
    targets: { 300: { atMost: 500 }, 3000: { atMost: 600 }, 10000: { atMost: 900 } },
  },
  {
    id: "offline",
    phase: "offline",
    label: "navigation to the text, offline",
    unit: "ms",
    targets: { 300: { atMost: 300 }, 3000: { atMost: 300 }, 10000: { atMost: 300 } },
  },
  {
    id: "scriptGzip",
    phase: "opening",
    label: "JavaScript before editable, gzip",
    unit: "KB",
    targets: { 300: { atMost: 170 }, 3000: { atMost: 170 }, 10000: { atMost: 170 } },
  },
  { id: "scriptSent", phase: "opening", label: "JavaScript before editable, as sent", unit: "KB", targets: {} },
]

/**
 * Medians side by side.
 *
 * @param context where and when; see `run.mjs`.
 * @param runs each `{ page, blocks, metrics }` or `{ page, blocks, failure }`.
 */
export function report(context, pages, runs) {
  const sizes = [...new Set(runs.map(({ blocks }) => blocks))]
  const groups = sizes.map((blocks) => ({
    blocks,
    rows: METRICS.map((metric) => rowOf(metric, blocks, pages, runs)).filter(({ values }) =>
      Object.values(values).some(({ length }) => length > 0),
    ),
  }))
  const failures = runs.filter(({ failure }) => failure !== undefined)
  return {
    markdown: asMarkdown(context, pages, groups, failures),
    json: `${JSON.stringify({ context, groups, failures }, undefined, 2)}\n`,
    hasFailed: failures.length > 0,
  }
}

function rowOf({ id, label, unit, targets }, blocks, pages, runs) {
  const values = pages.map((page) => [
    page.id,
    runs
      .filter((run) => run.page === page.id && run.blocks === blocks)
      .map((run) => run.metrics?.[id])
      .filter((value) => value !== undefined),
  ])
  return { id, label, unit, target: targets[blocks], values: Object.fromEntries(values) }
}

function asMarkdown(context, pages, groups, failures) {
  const lines = [
    `# Editor benchmark, ${context.date}`,
    "",
    `${context.cpu}, ${context.memoryGiB} GiB, ${context.system}, Node ${context.node}, ${context.browser}. ` +
      `Commit ${context.commit}. \`${context.command}\`, ${context.seconds} s.`,
    "",
    "Medians of the repetitions (lowest to highest), less is better. `README.md` of this folder's parent says what each means.",
    "",
    `| | ${pages.map(({ title }) => title).join(" | ")} | Quire : plain | target |`,
    `| --- |${" --- |".repeat(pages.length + 2)}`,
  ]
  for (const { blocks, rows } of groups) {
    lines.push(`| **${blocks} blocks** |${" |".repeat(pages.length + 2)}`)
    for (const row of rows) {
      const cells = pages.map(({ id }) => cell(row.values[id] ?? []))
      lines.push(`| ${[`${row.label}, ${row.unit}`, ...cells, ratio(row), verdict(row)].join(" | ")} |`)
    }
  }
  for (const { page, blocks, failure } of failures) lines.push("", `**Failed**: ${page}, ${blocks} blocks: ${failure}`)
  return `${lines.join("\n")}\n`
}

function cell(values) {
  const middle = median(values)
  if (middle === undefined) return "–"
  return values.length > 1
    ? `${round(middle)} (${round(Math.min(...values))}–${round(Math.max(...values))})`
    : round(middle)
}

function ratio({ values }) {
  const [ours, plain] = [median(values.quire ?? []), median(values.plain ?? [])]
  return ours === undefined || plain === undefined ? "" : `${(ours / plain).toFixed(2)} ×`
}

function verdict({ target, values, unit }) {
  const [ours, plain] = [median(values.quire ?? []), median(values.plain ?? [])]
  if (target === undefined || ours === undefined) return ""
  const bound = target.atMost ?? target.times * (plain ?? Number.NaN)
  const words = target.atMost === undefined ? `≤ ${target.times} × plain` : `≤ ${target.atMost} ${unit}`
  return Number.isNaN(bound) ? words : `${words}: ${ours <= bound ? "kept" : "missed"}`
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
