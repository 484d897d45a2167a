process.on("uncaughtException", (e) => console.log(e))

import { mkdir, mkdtemp, readdir, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join as pj } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { CONTESTANTS, start } from "./contestants.mjs"
import { join, many } from "./participant.mjs"

const c = CONTESTANTS.find((x) => x.id === process.argv[2])
const dir = await mkdtemp(pj(tmpdir(), "heap-"))
await mkdir(pj(dir, "d"), { recursive: true })
const s = await start(c, {
  dataFolder: pj(dir, "d"),
  nodeFlags: ["--heapsnapshot-signal=SIGURG", `--diagnostic-dir=${dir}`],
})
const N = +(process.argv[3] ?? 2000)
const came = await many(N, (i) => join(c, s, { name: `idle-${Math.floor(i / 10)}`, clientId: 1 + i }))
await Promise.all(came.map((p) => p.whenWhole()))
await wait(11000)
await s.collectedBytes()
process.kill(s.pid, "SIGURG")
let f
for (let i = 0; i < 200 && !f; i++) {
  await wait(500)
  f = (await readdir(dir)).find((x) => x.endsWith(".heapsnapshot"))
}
await wait(3000)
const h = JSON.parse(await readFile(pj(dir, f), "utf8"))
const { node_fields: nf, node_types: nt, edge_fields: ef } = h.snapshot.meta
const w = nf.length,
  m = new Map()
for (let i = 0; i < h.nodes.length; i += w) {
  const type = nt[0][h.nodes[i]],
    name = type === "string" || type === "concatenated string" ? "(string)" : h.strings[h.nodes[i + 1]].slice(0, 60)
  const k = `${type} ${name}`
  const e = m.get(k) ?? [0, 0]
  e[0]++
  e[1] += h.nodes[i + 3]
  m.set(k, e)
}
let tot = 0
for (const [, [, b]] of m) tot += b
import("node:fs").then((fs) => fs.writeFileSync(`/tmp/heap-${process.argv[2]}-${N}.json`, JSON.stringify([...m])))
console.log("total", (tot / N).toFixed(0), "B per connection")
for (const [k, [n, b]] of [...m].sort((a, b) => b[1][1] - a[1][1]).slice(0, 70))
  console.log((b / N).toFixed(0).padStart(7), (n / N).toFixed(2).padStart(7), k)
await wait(200)
process.kill(s.pid, "SIGKILL")
process.exit(0)
