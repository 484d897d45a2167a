#!/usr/bin/env node
// The `quire` command: the built server. A checkout that was never built says so.
import { existsSync } from "node:fs"

const entry = new URL("../dist/main.js", import.meta.url)
if (existsSync(entry)) await import(entry.href)
else {
  process.stderr.write("quire: not built yet. Run npm run build, or npm start, which builds what it needs.\n")
  process.exitCode = 1
}
