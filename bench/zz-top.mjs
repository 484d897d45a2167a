import { readdir, readFile } from "node:fs/promises"

const dir = process.argv[2]
for (const f of (await readdir(dir)).sort()) {
  const p = JSON.parse(await readFile(`${dir}/${f}`, "utf8"))
  const names = new Map(
    p.nodes.map((n) => [
      n.id,
      `${n.callFrame.functionName || "(anon)"} ${n.callFrame.url.replace(/.*\/(work\/main|node:)/, "")}:${n.callFrame.lineNumber + 1}`,
    ]),
  )
  const parent = new Map(p.nodes.flatMap((n) => (n.children ?? []).map((c) => [c, n.id])))
  const self = new Map(),
    tot = new Map()
  let sum = 0
  p.samples.forEach((id, i) => {
    const n = names.get(id)
    if (/^\((idle|root|program)\)/.test(n)) {
      self.set(n, (self.get(n) ?? 0) + p.timeDeltas[i])
      return
    }
    sum += p.timeDeltas[i]
    self.set(n, (self.get(n) ?? 0) + p.timeDeltas[i])
    const seen = new Set()
    for (let x = id; x; x = parent.get(x)) {
      const y = names.get(x)
      if (!seen.has(y)) {
        seen.add(y)
        tot.set(y, (tot.get(y) ?? 0) + p.timeDeltas[i])
      }
    }
  })
  if (sum < 50000) continue
  console.log(`\n${f} ${(sum / 1000).toFixed(0)} ms`)
  const show = (m, n) =>
    [...m]
      .sort((a, b) => b[1] - a[1])
      .slice(0, n)
      .forEach(([k, v]) => console.log(((v / sum) * 100).toFixed(1).padStart(6), k))
  show(self, +(process.argv[3] ?? 35))
  console.log("-- total")
  show(tot, +(process.argv[4] ?? 60))
}
