// Loaded into the server with --import: tells its parent how late its event loop is, and how much memory it has.
import { monitorEventLoopDelay } from "node:perf_hooks"

const delay = monitorEventLoopDelay({ resolution: 10 })
let peakBytes = 0
delay.enable()
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
}, 200).unref()

process.on("message", (ask) => {
  const ms = (ns) => Math.round(ns / 1e6)
  const lag = { p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), longestMs: ms(delay.max) }
  process.send({ lag, rssBytes: process.memoryUsage.rss(), peakBytes })
  if (ask === "afresh") {
    delay.reset()
    peakBytes = 0
  }
})
process.channel?.unref()
