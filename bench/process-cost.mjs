// What a process has cost so far, read from outside: /proc, Linux only.
import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"

/** Clock ticks of /proc/PID/stat: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10
/** A thread that came and went between two samples shows only in the ticks; two may be rounding. */
const ROUNDING_MS = 3 * TICK_MS

/** CPU time of a process, its threads and its children up to now. Compare two with `cpuMsBetween`. */
export function sampleCpu(pid) {
  const runNs = new Map()
  let ticks = 0
  for (const member of withDescendants(pid)) {
    const stat = readFileSync(`/proc/${member}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    for (const thread of readdirSync(`/proc/${member}/task`)) {
      const [ns] = readFileSync(`/proc/${member}/task/${thread}/schedstat`, "utf8").split(" ")
      runNs.set(`${member}/${thread}`, Number(ns))
    }
  }
  return { runNs, ticks }
}

/**
 * User and system time between two samples, in milliseconds: to the nanosecond from the scheduler, unless a thread
 * ended in between, whose time only the process's own counters (10 ms steps) still have.
 */
export function cpuMsBetween(before, after) {
  const tickMs = (after.ticks - before.ticks) * TICK_MS
  let ns = 0
  for (const [thread, runNs] of after.runNs) ns += runNs - (before.runNs.get(thread) ?? 0)
  const isComplete = [...before.runNs.keys()].every((thread) => after.runNs.has(thread))
  const preciseMs = ns / 1e6
  return isComplete && tickMs - preciseMs < ROUNDING_MS ? preciseMs : tickMs
}

/** Resident memory of a process and its children, in bytes. */
export function residentBytes(pid) {
  let kilobytes = 0
  for (const member of withDescendants(pid)) {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${member}/status`, "utf8"))
    kilobytes += Number(match?.[1] ?? 0)
  }
  return kilobytes * 1024
}

/**
 * Waits until a process has done next to nothing for a while: what it was asked to do is finished, including work it
 * put off.
 *
 * @param quietMs how long it must be quiet. Longer than what it may put work off for.
 * @throws when it does not come to rest.
 */
export async function whenQuiet(pid, quietMs = 300, limitMs = 30_000) {
  const stepMs = 50
  const busyMsPerStep = 2
  let quietSince = performance.now()
  const giveUpAt = quietSince + limitMs
  let last = sampleCpu(pid)
  while (performance.now() - quietSince < quietMs) {
    if (performance.now() > giveUpAt) throw new Error(`process ${pid} is still busy after ${limitMs} ms`)
    await wait(stepMs)
    const now = sampleCpu(pid)
    if (cpuMsBetween(last, now) > busyMsPerStep) quietSince = performance.now()
    last = now
  }
}

function withDescendants(pid) {
  const found = [pid]
  for (const parent of found) {
    for (const thread of readdirSync(`/proc/${parent}/task`)) {
      const children = readFileSync(`/proc/${parent}/task/${thread}/children`, "utf8").trim()
      if (children !== "") found.push(...children.split(" ").map(Number))
    }
  }
  return found
}
