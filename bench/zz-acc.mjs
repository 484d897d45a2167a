// scratch: accept cost. node bench/zz-acc.mjs contestant,... [prof]
process.on("uncaughtException", () => {})

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join as pj } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { CONTESTANTS, start } from "./contestants.mjs"
import { bindLoad } from "./cores.mjs"
import { join, leave, many } from "./participant.mjs"
import { cpuMsBetween, residentBytes, sampleCpu } from "./process-cost.mjs"

const [ids, prof] = process.argv.slice(2)
bindLoad()
for (let rep = 0; rep < 1; rep++)
  for (const id of ids.split(",")) {
    const c = CONTESTANTS.find((x) => x.id === id)
    const dir = await mkdtemp(pj(tmpdir(), "acc-"))
    const profiles = pj(dir, "p")
    const nodeFlags = prof
      ? [
          "--import",
          new URL("exit-on-signal.mjs", import.meta.url).href,
          "--cpu-prof",
          "--cpu-prof-interval",
          "500",
          "--cpu-prof-dir",
          "/tmp/accprof",
        ]
      : []
    await (await import("node:fs/promises")).mkdir(pj(dir, "d"), { recursive: true })
    const s = await start(c, { dataFolder: pj(dir, "d"), nodeFlags })
    const grow = async (first, count) => {
      const a = sampleCpu(s.pid)
      const t = performance.now()
      const came = await many(count, (i) =>
        join(c, s, { name: `idle-${Math.floor((first + i) / 10)}`, clientId: 1 + first + i }),
      )
      await Promise.all(came.map((p) => p.whenWhole()))
      await wait(700)
      const b = sampleCpu(s.pid)
      return { came, us: (cpuMsBetween(a, b) * 1000) / count, s: (performance.now() - t) / 1000 }
    }
    const w = await grow(0, 500)
    const m0 = await s.collectedBytes()
    const r = await grow(500, 6000)
    const m1 = await s.collectedBytes()
    console.log(
      id.padEnd(20),
      `warm ${w.us.toFixed(0)} then ${r.us.toFixed(0)} us, ${((m1 - m0) / 6000 / 1024).toFixed(2)} KiB each, ${r.s.toFixed(1)} s`,
    )

    process.kill(s.pid, "SIGKILL")
    process.exit(0)
    await rm(dir, { recursive: true, force: true })
  }
