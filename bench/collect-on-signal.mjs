// Loaded into every server before its own code (`--import`), Quire's and the others' alike: SIGUSR2 collects garbage,
// then one byte on file descriptor 3 says that it is done. Needs `--expose-gc`.
import { writeSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { isMainThread } from "node:worker_threads"

const REPLY = 3

// Worker threads load this too, and get no signals.
if (isMainThread) {
  process.on("SIGUSR2", async () => {
    globalThis.gc()
    await setImmediate()
    globalThis.gc()
    writeSync(REPLY, ".")
  })
}
