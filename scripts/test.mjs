// npm test: set up and run every test. What cannot run fails; what is skipped fails too.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { ensureBuilt, ensureChromium, ensureInstalled, ensureStrace, ROOT } from "./prepare.mjs"

ensureInstalled()
const chromium = ensureChromium()
ensureStrace()
ensureBuilt()

const results = join(ROOT, "test-results")
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })

const unit = runUnitTests()
const browser = runBrowserTests()
const passed = unit.passed + browser.passed
const failed = unit.failed + browser.failed
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)

function runUnitTests() {
  const file = join(results, "vitest.json")
  const status = start("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`], {})
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const report = JSON.parse(readFileSync(file, "utf8"))
  const skipped = report.numPendingTests + report.numTodoTests
  if (skipped > 0) process.stdout.write(`${skipped} unit tests were skipped: that counts as failed\n`)
  // A file that does not load has no tests of its own to count.
  const broken = report.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0)
  const failed = report.numFailedTests + skipped + broken.length
  return { passed: report.numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed }
}

function runBrowserTests() {
  const file = join(results, "playwright.json")
  const env = { QUIRE_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: file }
  const status = start("playwright", ["test", "--reporter=list,json"], env)
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const { stats } = JSON.parse(readFileSync(file, "utf8"))
  // Flaky tests passed at a second try; there is none (retries are off), so they would be a fault of this script.
  const failed = stats.unexpected + stats.skipped + stats.flaky
  if (stats.skipped > 0) process.stdout.write(`${stats.skipped} browser tests were skipped: that counts as failed\n`)
  return { passed: stats.expected, failed: failed === 0 && status !== 0 ? 1 : failed }
}

function start(tool, args, env) {
  const binary = join(ROOT, "node_modules", ".bin", tool)
  return spawnSync(binary, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } }).status
}
