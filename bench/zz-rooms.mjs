import { mkdtemp, mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join as pj } from "node:path"
import { readdirSync, readFileSync } from "node:fs"
import { CONTESTANTS, start } from "./contestants.mjs"
import { bindLoad } from "./cores.mjs"
import { SCENARIOS, sizesOf } from "./scenarios/index.mjs"
import { Latencies } from "./latencies.mjs"
const [sid, cid, trace] = process.argv.slice(2)
bindLoad()
const c = CONTESTANTS.find((x) => x.id === cid), sc = SCENARIOS.find((x) => x.id === sid)
const dir = await mkdtemp(pj(tmpdir(), "zz-"))
await mkdir(pj(dir, "d"), { recursive: true })
const s = await start(c, { dataFolder: pj(dir, "d"), ...sc.floor, nodeFlags: (process.env.FLAGS ?? "").split(" ").filter(Boolean) })
if (trace) {
  const add = Latencies.prototype.add; const log = []; const t0 = performance.now()
  Latencies.prototype.add = function (x) { log.push([performance.now() - t0, x]); return add.call(this, x) }
  process.on("exit", () => { const by = new Map(); for (const [t, x] of log) if (x > 15) { const k = Math.floor(t / 10); by.set(k, (by.get(k) ?? 0) + 1) } console.log([...by].map(([k, n]) => `${k * 10}ms:${n}`).join(" "), log.length, "from", log[0]?.[0].toFixed(0)) })
}
const threads = () => { const m = new Map(); for (const t of readdirSync(`/proc/${s.pid}/task`)) { const name = readFileSync(`/proc/${s.pid}/task/${t}/comm`, "utf8").trim(); m.set(`${name}-${t - s.pid}`, Number(readFileSync(`/proc/${s.pid}/task/${t}/schedstat`, "utf8").split(" ")[0]) / 1e6) } return m }
if (process.env.FLAGS?.includes("zz-prof")) { const orig = process.kill; let n = 0; globalThis.__mark2 = () => { console.log([...threads()].map(([k, v]) => `${k} ${v.toFixed(0)}`).join(", ")); if (n++ < 2) process.kill(s.pid, "SIGWINCH") }; globalThis.__markx = () => process.kill(s.pid, "SIGWINCH") }
const r = await sc.measure(c, s, { sizes: sizesOf(sc, false), folder: dir })
globalThis.__mark?.(); console.log(cid, JSON.stringify(r))
if (trace) console.log([...threads()].map(([k, v]) => `${k} ${v.toFixed(0)}`).join(", "))
if (process.env.OUT) console.log(s.output?.()); await new Promise((r) => setTimeout(r, 2500)); process.kill(s.pid, "SIGKILL"); process.exit(0)
