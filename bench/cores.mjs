// The server gets one core, the load another, where there are two and `taskset` is installed.
import { spawnSync } from "node:child_process"
import { cpus } from "node:os"

export const SERVER_CORE = 0
const LOAD_CORE = 1

let isAvailable

/** True if processes can be bound to cores here. */
export function hasTaskset() {
  isAvailable ??= cpus().length > 1 && spawnSync("taskset", ["--version"]).status === 0
  return isAvailable
}

/** Binds this process, which makes the load, away from the server's core. */
export function bindLoad() {
  if (hasTaskset()) spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(LOAD_CORE), String(process.pid)])
}
