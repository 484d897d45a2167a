// npm run dev: the server from its sources, restarted when they change, and Vite's dev server with hot reload in front
// of it on http://127.0.0.1:5173.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { ensureBuilt, ensureInstalled, ROOT } from "./prepare.mjs"

ensureInstalled()
ensureBuilt()
const start = (tool, args, folder) =>
  spawn(join(ROOT, "node_modules", ".bin", tool), args, { cwd: join(ROOT, folder), stdio: "inherit" })
const children = [
  start("tsc", ["-b", "--watch", "--preserveWatchOutput", "apps/server"], "."),
  spawn(process.execPath, ["--watch", "apps/server/dist/main.js", "serve"], { cwd: ROOT, stdio: "inherit" }),
  start("vite", ["--strictPort"], "apps/web"),
]
const stop = () => {
  for (const child of children) child.kill()
}
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
