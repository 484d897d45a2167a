// One copy each of the packages whose classes are compared by identity: two of them break editing in ways that are
// hard to see. Fails when a second one is installed anywhere.
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { ROOT } from "./prepare.mjs"

const ONE_OF_EACH = new Set([
  "yjs",
  "lib0",
  "y-protocols",
  "y-prosemirror",
  "prosemirror-model",
  "prosemirror-state",
  "prosemirror-transform",
  "prosemirror-view",
])

const found = new Map([...ONE_OF_EACH].map((name) => [name, []]))
search(join(ROOT, "node_modules"))
for (const group of ["packages", "apps"]) {
  for (const name of readdirSync(join(ROOT, group))) search(join(ROOT, group, name, "node_modules"))
}
let isWrong = false
for (const [name, places] of found) {
  if (places.length === 1) continue
  isWrong = true
  process.stdout.write(`${name}: ${places.length} copies${places.map((place) => `\n  ${place}`).join("")}\n`)
}
if (isWrong) process.exit(1)
process.stdout.write(`one copy each of ${[...found.keys()].join(", ")}\n`)

function search(folder) {
  for (const entry of list(folder)) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue
    const path = join(folder, entry.name)
    if (entry.name.startsWith("@")) search(path)
    else {
      found.get(folder.endsWith("node_modules") ? entry.name : "")?.push(path)
      search(join(path, "node_modules"))
    }
  }
}

function list(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error.code === "ENOENT") return []
    throw error
  }
}
