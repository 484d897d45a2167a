// npm start: install what is missing, build what is stale, serve. The server runs in this process, so that a signal to
// npm's process group reaches it directly.
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { ensureBuilt, ensureInstalled, ROOT } from "./prepare.mjs"

ensureInstalled()
ensureBuilt()
const entry = join(ROOT, "apps/server/dist/main.js")
const args = process.argv.slice(2)
process.argv = [process.execPath, entry, ...(args[0] === "serve" ? [] : ["serve"]), ...args]
await import(pathToFileURL(entry).href)
