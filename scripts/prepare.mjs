// What a fresh checkout needs before it can run: packages, a build, a browser. Plain Node, no dependencies, because it
// runs before there are any. Everything it prints goes to stderr: stdout belongs to the program that follows.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The checkout's top folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const INSTALL_STAMP = join(ROOT, "node_modules", ".cache", "quire-installed")
const BUILD_STAMP = join(ROOT, "node_modules", ".cache", "quire-built")
const BUILT = ["apps/server/dist/main.js", "apps/web/dist/index.html", "packages/playwright/dist/index.js"]

/** Installs the packages of the lock file, unless just these are installed. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(`Quire needs Node.js 20.19 or newer; this is ${process.versions.node}. Node.js 24 is a good choice.`)
  }
  const wanted = digest(["package-lock.json"])
  if (read(INSTALL_STAMP) === wanted) return
  say("Installing packages …")
  run("npm", ["ci", "--no-audit", "--no-fund"])
  stamp(INSTALL_STAMP, wanted)
}

/** Builds the server and the web app, unless they were built from just these sources. */
export function ensureBuilt() {
  const wanted = digest(sources())
  if (read(BUILD_STAMP) === wanted && BUILT.every((file) => existsSync(join(ROOT, file)))) return
  say("Building …")
  run("npm", ["run", "--silent", "build"])
  stamp(BUILD_STAMP, wanted)
}

/** Finds a Chromium for the browser tests, or installs Debian's. @returns its path. */
export function ensureChromium() {
  const found = findChromium()
  if (found !== undefined) return found
  aptInstall(["chromium", "fonts-liberation", "fonts-noto-color-emoji"], "Chromium")
  const installed = findChromium()
  if (installed === undefined) stop("Chromium was installed and cannot be found: set QUIRE_CHROMIUM to its path.")
  return installed
}

/** Makes sure that there is strace, with which the tests find out what a loss of power leaves, or installs Debian's. */
export function ensureStrace() {
  if (which("strace") !== undefined) return
  aptInstall(["strace"], "strace")
  if (which("strace") === undefined) stop("strace was installed and cannot be found: put its folder into PATH.")
}

/** Runs a command with its output on stderr; ends the process when it fails. */
export function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", 2, 2] })
  if (error !== undefined) stop(`${command} could not be started: ${error.message}`)
  if (status !== 0) stop(`${[command, ...args].join(" ")} failed`)
}

function findChromium() {
  const candidates = [process.env.QUIRE_CHROMIUM, which("chromium"), which("chromium-browser"), which("google-chrome")]
  return candidates.find((path) => path !== undefined && path !== "" && existsSync(path))
}

function aptInstall(packages, what) {
  const byHand = `${what} is missing. Install it (on Debian or Ubuntu: apt-get install ${packages.join(" ")}) and try again.`
  if (which("apt-get") === undefined) stop(byHand)
  const isRoot = process.getuid?.() === 0
  if (!isRoot && spawnSync("sudo", ["-n", "true"]).status !== 0) stop(byHand)
  const prefix = isRoot ? ["env"] : ["sudo", "-n", "env"]
  const apt = (...args) => run(prefix[0], [...prefix.slice(1), "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args])
  say(`Installing ${what} …`)
  apt("update", "-qq")
  apt("install", "-y", "-qq", "--no-install-recommends", ...packages)
}

function which(name) {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    const path = join(folder, name)
    if (folder !== "" && existsSync(path)) return path
  }
  return undefined
}

/** Files whose content decides what a build gives. */
function sources() {
  const files = ["package-lock.json", "package.json", "tsconfig.json", "tsconfig.base.json"]
  for (const group of ["packages", "apps"]) {
    for (const name of readdirSync(join(ROOT, group)).sort()) {
      for (const entry of readdirSync(join(ROOT, group, name), { withFileTypes: true })) {
        if (entry.isFile()) files.push(join(group, name, entry.name))
      }
      for (const folder of ["src", "public"]) files.push(...walk(join(group, name, folder)))
    }
  }
  return files.sort()
}

function walk(folder) {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

function digest(files) {
  const hash = createHash("sha256").update(process.versions.modules)
  for (const file of files)
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(ROOT, file)))
      .update("\n")
  return hash.digest("hex")
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined
}

function stamp(file, text) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function stop(text) {
  say(text)
  process.exit(1)
}
