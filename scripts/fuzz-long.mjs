// npm run fuzz:long [COUNT]: every fuzz test with that many inputs for each decoder (100,000 if left out), one file after
// the other, each in a process of its own with 512 MiB of heap. The input under way is on disk before it is decoded, and
// a process that takes none for 5 minutes is ended from outside: so a hang or the end of the process names its input.
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ROOT } from "./prepare.mjs"

const COUNT = process.argv[2] ?? "100000"
const SILENCE_MS = 300_000
const TARGETS = [
  ["protocol", "test/fuzz/updates.test.ts"],
  ["protocol", "test/fuzz/messages.test.ts"],
  ["protocol", "test/fuzz/client.test.ts"],
  ["protocol", "test/fuzz/http.test.ts"],
  ["protocol", "test/fuzz/planted.test.ts"],
  ["storage", "test/fuzz.test.ts"],
]

const folder = mkdtempSync(join(tmpdir(), "quire-fuzz-"))
const lastInput = join(folder, "last-input")
let failed = 0
for (const [project, file] of TARGETS) if (!(await run(project, file))) failed++
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`${TARGETS.length - failed} of ${TARGETS.length} files held\n`)
process.exit(failed === 0 ? 0 : 1)

function run(project, file) {
  const started = performance.now()
  writeFileSync(lastInput, "none yet\n")
  const vitest = join(ROOT, "node_modules", ".bin", "vitest")
  const args = ["run", "--project", project, "--pool", "forks", "--execArgv=--max-old-space-size=512", file]
  const env = { ...process.env, FUZZ_RUNS: COUNT, FUZZ_LAST: lastInput }
  // A group of its own, so that a worker that hangs can be ended with it.
  const child = spawn(vitest, args, { cwd: ROOT, stdio: "inherit", env, detached: true })
  const watch = setInterval(() => {
    if (Date.now() - statSync(lastInput).mtimeMs > SILENCE_MS) process.kill(-child.pid, "SIGKILL")
  }, 1_000)
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearInterval(watch)
      const seconds = Math.round((performance.now() - started) / 1_000)
      process.stdout.write(`${file}: ${code === 0 ? "held" : "failed"}, ${seconds} s\n`)
      if (code !== 0) process.stdout.write(`the input under way was: ${readFileSync(lastInput, "utf8")}`)
      resolve(code === 0)
    })
  })
}
