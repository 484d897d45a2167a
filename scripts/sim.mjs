// npm run sim: the deterministic simulation. docs/simulation.md says what it does and how a failure is read.
//
//   SEED=7 npm run sim                one seed, replayed with its trace
//   SEED=7 STEPS=40 SKIP=3,9 npm run sim
//   npm run sim -- --seeds 500 --from 1000
//   npm run sim:long                  10,000 seeds
//   npm run sim -- --planted          removes one promise at a time from a copy and expects it to be missed
//   npm run sim -- --planted --only echo
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { build } from "vite"
import { ROOT } from "./prepare.mjs"

const WORLD = join(ROOT, "packages/testing/test/sim")
const FOLDER = join(ROOT, "node_modules/.cache/quire-sim")

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "400" },
    from: { type: "string", default: "1" },
    planted: { type: "boolean", default: false },
    only: { type: "string" },
  },
})

/** The world as one file, with these texts replaced on the way: [file, from, to]. */
async function bundle(name, edits = []) {
  const found = new Set()
  const plant = {
    name: "plant",
    enforce: "pre",
    transform(code, id) {
      let text = code
      for (const edit of edits) {
        const [file, from, to] = edit
        if (!id.endsWith(file)) continue
        if (!text.includes(from)) throw new Error(`${file} has no "${from}": mend the list`)
        found.add(edit)
        text = text.replace(from, () => to)
      }
      // The storage package writes to the double of the disk.
      if (id.includes("/packages/storage/src/")) {
        text = text.replaceAll('"node:fs/promises"', JSON.stringify(join(WORLD, "memory-files.ts")))
      }
      return text === code ? undefined : { code: text, map: null }
    },
  }
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["quire-source", "module", "node"] },
    ssr: { resolve: { conditions: ["quire-source", "module", "node"] }, noExternal: [/^@quire\//] },
    plugins: [plant],
    build: {
      ssr: join(WORLD, "main.ts"),
      outDir: FOLDER,
      emptyOutDir: false,
      minify: false,
      // The doctor asks more of the files than the double can do; it is no part of the world.
      rollupOptions: { shimMissingExports: true, output: { entryFileNames: `${name}.mjs` } },
    },
  })
  const lost = edits.filter((edit) => !found.has(edit))
  if (lost.length > 0) throw new Error(`${lost[0][0]} is not part of the world: mend the list`)
  return import(join(FOLDER, `${name}.mjs`))
}

mkdirSync(FOLDER, { recursive: true })
const isGood = values.planted ? await findPlanted() : await simulate()
process.exitCode = isGood ? 0 : 1

async function simulate() {
  const { runMany, replay } = await bundle("world")
  const print = (line) => process.stdout.write(`${line}\n`)
  const { SEED, STEPS, SKIP } = process.env
  if (SEED !== undefined) {
    const skip = new Set((SKIP ?? "").split(",").filter(Boolean).map(Number))
    return replay({ seed: Number(SEED), steps: STEPS === undefined ? undefined : Number(STEPS), skip, print })
  }
  return runMany({ from: Number(values.from), count: Number(values.seeds), print })
}

async function findPlanted() {
  const { default: bugs } = await import("./sim-bugs.mjs")
  let missed = 0
  const wanted = bugs.filter(({ what }) => values.only === undefined || what.includes(values.only))
  for (const [at, { what, edits }] of wanted.entries()) {
    const { firstFault } = await bundle(`planted-${at}`, edits)
    const found = await firstFault(2_000)
    if (found === undefined) missed++
    process.stdout.write(
      found === undefined ? `MISSED ${what}\n` : `found ${what}: seed ${found.seed}, ${found.fault}\n`,
    )
    rmSync(join(FOLDER, `planted-${at}.mjs`))
  }
  process.stdout.write(`${wanted.length - missed} of ${wanted.length} planted bugs found\n`)
  return missed === 0
}
