// Runs in, one table and one JSON text out.
import { spawnSync } from "node:child_process"
import { cpus, release, totalmem } from "node:os"
import { CONTESTANTS } from "./contestants.mjs"
import { hasTaskset } from "./cores.mjs"

const QUIRE = ["quire", "quire-native"]
const PEERS = ["y-websocket-server", "hocuspocus"]

/** Where and when this was measured. */
export function describeMachine(root) {
  const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout.trim()
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit:
      git("rev-parse", "--short", "HEAD") +
      (git("status", "--porcelain", "packages", "apps") === "" ? "" : " and changes"),
    cpu: `${cpus().length} × ${cpu.model.trim()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    node: process.version,
    cores: hasTaskset() ? "server and load on a core each" : "server and load share the cores",
  }
}

/**
 * Medians side by side.
 *
 * @param results of each scenario: itself, its title, its contestants in the order of the columns, its runs.
 */
export function report(context, results) {
  const scenarios = results.map(({ scenario, title, contestants, runs }) => ({
    id: scenario.id,
    title,
    failures: runs.filter(({ failure }) => failure !== undefined),
    metrics: scenario.metrics.map((metric) => ({
      ...metric,
      values: Object.fromEntries(contestants.map(({ id }) => [id, valuesOf(runs, id, metric.id)])),
    })),
  }))
  const present = new Set(results.flatMap(({ contestants }) => contestants))
  const titles = new Map(CONTESTANTS.filter((one) => present.has(one)).map(({ id, title }) => [id, title]))
  return {
    markdown: asMarkdown(context, scenarios, titles),
    json: `${JSON.stringify({ context, scenarios }, undefined, 2)}\n`,
    hasFailed: scenarios.some(({ failures }) => failures.length > 0),
  }
}

/** The middle value; of an even number the upper of the two; of none `undefined`. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

function valuesOf(runs, contestant, metric) {
  return runs
    .filter((run) => run.contestant === contestant && run.metrics?.[metric] !== undefined)
    .map((run) => run.metrics[metric])
}

function asMarkdown(context, scenarios, titles) {
  const columns = [...titles.keys()]
  const lines = [
    `# Benchmark, ${context.date}`,
    "",
    `${context.cpu}, ${context.memoryGiB} GiB, ${context.system}, Node ${context.node}; ${context.cores}. ` +
      `Commit ${context.commit}. \`${context.command}\`, ${context.seconds} s.${context.isQuick ? " **Small sizes: not to be compared.**" : ""}`,
    "",
    "Medians of the repetitions (lowest to highest), less is better. `README.md` of this folder's parent says what each means.",
    "",
    `| | ${columns.map((id) => titles.get(id)).join(" | ")} | Quire : better peer | target |`,
    `| --- |${" --- |".repeat(columns.length + 2)}`,
  ]
  for (const scenario of scenarios) {
    lines.push(`| **${scenario.title}** |${" |".repeat(columns.length + 2)}`)
    for (const metric of scenario.metrics) {
      const label = metric.unit === "yes/no" ? metric.label : `${metric.label}, ${metric.unit}`
      const cells = columns.map((id) => cell(metric.values[id] ?? [], metric.unit))
      lines.push(`| ${[label, ...cells, besidePeers(metric), verdict(metric, scenario.metrics, titles)].join(" | ")} |`)
    }
  }
  for (const scenario of scenarios) {
    for (const { contestant, failure } of scenario.failures) {
      lines.push("", `**Failed**: ${scenario.id}, ${titles.get(contestant)}: ${failure}`)
    }
  }
  return `${lines.join("\n")}\n`
}

function cell(values, unit) {
  const middle = median(values)
  if (middle === undefined) return "–"
  if (unit === "yes/no") return middle === 1 ? "yes" : "no"
  const spread = values.length > 1 ? ` (${round(Math.min(...values))}–${round(Math.max(...values))})` : ""
  return `${round(middle)}${spread}`
}

/** How much Quire's plain clients cost against the peer that does better. */
function besidePeers({ unit, values }) {
  const ours = median(values.quire ?? [])
  const peers = PEERS.flatMap((id) => median(values[id] ?? []) ?? [])
  if (unit === "yes/no" || ours === undefined || peers.length === 0) return ""
  if (Math.min(...peers) === 0) return ""
  return `${round(ours / Math.min(...peers))} ×`
}

/**
 * The target in words, and by how much each of ours keeps or misses it. A target is a number (`atMost`), or so many
 * times and so much more (`times`, `plus`) than a contestant's same metric (`of`) or one's own other metric (`beside`).
 */
function verdict({ target, unit, values }, metrics, titles) {
  if (target === undefined) return ""
  if (unit === "yes/no") return "no"
  const words = [wordsOf(target, metrics, titles)]
  for (const id of QUIRE) {
    const middle = median(values[id] ?? [])
    const base = baseOf(target, { id, values, metrics })
    if (middle === undefined || base === undefined) continue
    const isKept = middle <= (target.times ?? 1) * base + (target.plus ?? 0)
    const by =
      target.plus === undefined
        ? `${round(middle / base)} ×`
        : `${middle < base ? "−" : "+"}${round(Math.abs(middle - base))}`
    words.push(`${titles.get(id)} ${isKept ? "keeps" : "misses"} it${target.atMost === undefined ? ` (${by})` : ""}`)
  }
  return words.join("; ")
}

function wordsOf({ atMost, times = 1, plus, of, beside }, metrics, titles) {
  if (atMost !== undefined) return `≤ ${atMost}`
  const whose = of === undefined ? metrics.find(({ id }) => id === beside).label : (titles.get(of) ?? of)
  return `≤ ${times === 1 ? "" : `${times} × `}${whose}${plus === undefined ? "" : ` + ${plus}`}`
}

function baseOf({ atMost, of, beside }, { id, values, metrics }) {
  if (atMost !== undefined) return atMost
  if (of !== undefined) return median(values[of] ?? [])
  return median(metrics.find((metric) => metric.id === beside).values[id] ?? [])
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
