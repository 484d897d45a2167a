// What both pages need: builds, the server, the plain page's host, the browser.
import { spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { CONTESTANTS, start } from "../contestants.mjs"
import { launchBrowser } from "./browser.mjs"
import { hostPlainPage } from "./plain-host.mjs"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/**
 * Opens everything.
 *
 * @param options.isReadable true to build both pages with functions' own names, for profiling.
 * @returns `{ browser, urls, close }`.
 */
export async function openRig({ isReadable = false } = {}) {
  run("npx", ["tsc", "-b"])
  const buildPage = (...flags) => run("npm", ["run", "build", "--workspace", "@quire/web", "--", ...flags])
  const undo = []
  const close = async () => {
    for (const one of undo.splice(0).reverse()) await one()
  }
  try {
    buildPage(...(isReadable ? ["--minify", "false"] : []))
    // Whoever comes next finds the build that users get.
    if (isReadable) undo.push(() => buildPage())
    const plain = await hostPlainPage(isReadable)
    undo.push(() => plain.close())
    const dataFolder = await mkdtemp(join(tmpdir(), "quire-bench-editor-"))
    undo.push(() => rm(dataFolder, { recursive: true, force: true }))
    const server = await start(quireFor(plain.url), { dataFolder })
    undo.push(() => server.stop())
    const browser = await launchBrowser()
    undo.push(() => browser.close())
    return { browser, urls: { serverUrl: `http://127.0.0.1:${server.port}`, plainUrl: plain.url }, close }
  } catch (error) {
    await close()
    throw error
  }
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", 2, 2] })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`)
}

/** Quire's server as the other benchmark starts it, letting the plain page's address in. */
function quireFor(origin) {
  const quire = CONTESTANTS.find(({ id }) => id === "quire")
  const args = (where) => [...quire.program.args(where), "--origin", origin]
  return { ...quire, program: { ...quire.program, args } }
}
