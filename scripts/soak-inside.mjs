// Loaded into the server that `npm run soak` watches, before its own code (`--import`, with `--expose-gc`). Asked by a
// message, it collects garbage and says what is left: bytes, things that keep the process alive, and how many of the
// objects there are that come and go with people.
import { queryObjects } from "node:v8"
import { isMainThread } from "node:worker_threads"

// Worker threads load this too, and are not asked.
if (isMainThread) {
  process.on("message", (classes) => answer(classes))
  process.channel.unref()
}

/** @param classes `[name, module]` each; the module is the one that the server itself has loaded. */
async function answer(classes) {
  const objects = {}
  for (const [name, module] of classes) {
    const { [name]: found = undefined, default: other } = await import(module)
    objects[name] = queryObjects(found ?? other, { format: "count" })
  }
  globalThis.gc()
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  const resources = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  process.send({ heapUsed, external, rss, objects, resources })
}
