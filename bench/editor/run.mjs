// npm run bench:editor: Quire's page beside a plain y-prosemirror page, interleaved, on this machine. ../README.md says
// what the figures mean.
//   node bench/editor/run.mjs [--blocks N,…] [--only PHASE,…] [--pages ID,…] [--repetitions N] [--label NAME]
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { describeMachine } from "../report.mjs"
import { prepareCrowd } from "./crowd.mjs"
import { PAGES } from "./pages.mjs"
import { openRig } from "./rig.mjs"
import { METRICS, report } from "./table.mjs"
import { visit } from "./visit.mjs"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const PHASES = [...new Set(METRICS.map(({ phase }) => phase))]

const { values: options } = parseArgs({
  options: {
    blocks: { type: "string", default: "300,3000,10000" },
    only: { type: "string", default: PHASES.join(",") },
    pages: { type: "string", default: PAGES.map(({ id }) => id).join(",") },
    repetitions: { type: "string", default: "3" },
    label: { type: "string", default: "local" },
  },
})

const startedAt = performance.now()
const pages = PAGES.filter(({ id }) => options.pages.split(",").includes(id))
const rig = await openRig()
try {
  const runs = await runAll(rig)
  const { cores: _bound, ...machine } = describeMachine(ROOT)
  const context = {
    ...machine,
    browser: `Chromium ${rig.browser.version()} headless`,
    command: ["npm run bench:editor --", ...process.argv.slice(2)].join(" "),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  }
  const { markdown, json, hasFailed } = report(context, pages, runs)
  const base = join(ROOT, "bench", "results", `${context.date}-editor-${options.label}`)
  writeFileSync(`${base}.md`, markdown)
  writeFileSync(`${base}.json`, json)
  console.log(markdown)
  if (hasFailed) process.exitCode = 1
} finally {
  await rig.close()
}

/** Every size, every repetition, every page in turn. */
async function runAll({ browser, urls }) {
  const repetitions = Number(options.repetitions)
  const wanted = new Set(options.only.split(","))
  const runs = []
  for (const blocks of options.blocks.split(",").map(Number)) {
    const crowds = new Map(pages.map((page) => [page.id, prepareCrowd(page.shape, blocks)]))
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (let turn = 0; turn < pages.length; turn++) {
        // Each repetition begins with the other, so that none always follows its neighbour.
        const page = pages[(turn + repetition) % pages.length]
        console.error(`${blocks} blocks, ${repetition + 1} of ${repetitions}: ${page.title}`)
        const name = `bench-${page.id}-${blocks}-${repetition}`
        const prepared = crowds.get(page.id)
        runs.push({
          page: page.id,
          blocks,
          ...(await runOnce(page, { browser, urls, prepared, blocks, name, wanted })),
        })
      }
    }
  }
  return runs
}

async function runOnce(page, options) {
  try {
    return { metrics: await visit(page, options) }
  } catch (error) {
    console.error(`  failed: ${error.message}`)
    return { failure: error.message.split("\n")[0] }
  }
}
