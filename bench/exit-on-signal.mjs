// Loaded into a server that is profiled: V8 writes its profile at an orderly exit, which not every server makes of
// SIGTERM. The delay leaves those that do the time for it.
import { isMainThread } from "node:worker_threads"

const ORDERLY_MS = 2_000

if (isMainThread) process.once("SIGTERM", () => setTimeout(() => process.exit(0), ORDERLY_MS))
