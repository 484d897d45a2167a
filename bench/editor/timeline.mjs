// The opening of a page as a list of moments: what came over the network, and what the main thread was at work on.

/** Moments, by their names in a trace. */
const MOMENTS = new Map([
  ["ResourceSendRequest", "asks for"],
  ["ResourceFinish", "has"],
  ["WebSocketCreate", "opens the socket"],
  ["WebSocketReceiveHandshakeResponse", "the socket is open"],
  ["WebSocketReceive", "receives a frame"],
  ["firstContentfulPaint", "first painting"],
])
/** What a task of the main thread is made of, as far as it is told. */
const PIECES = new Set(["v8.evaluateModule", "FunctionCall", "UpdateLayoutTree", "Layout", "PrePaint", "Paint"])
const COLLECTIONS = new Set(["MinorGC", "MajorGC"])
const TASK_MS = 4
const PIECE_MS = 2

/** @param events of a trace that began before the navigation. */
export function printTimeline(events) {
  const starts = events.filter(({ name, args }) => name === "navigationStart" && isPage(args))
  const start = starts.sort((a, b) => a.ts - b.ts).at(-1)
  if (start === undefined) return
  const own = events.filter(({ pid, ts }) => pid === start.pid && ts >= start.ts)
  const main = events.find(
    ({ pid, name, args }) => pid === start.pid && name === "thread_name" && args.name === "CrRendererMain",
  )
  const urls = new Map(own.map(({ args }) => [args?.data?.requestId, args?.data?.url]).filter(([, url]) => url))
  const rows = own.flatMap(({ name, ts, args }) => {
    const words = MOMENTS.get(name)
    if (words === undefined) return []
    const url = urls.get(args?.data?.requestId) ?? ""
    return [{ ts, words: `${words} ${url.replace(/^\w+:\/\/[^/]+/, "")}` }]
  })
  const onMain = own.filter(({ tid, ph }) => tid === main.tid && ph === "X")
  for (const task of onMain.filter(({ name, dur }) => name === "RunTask" && dur >= TASK_MS * 1_000)) {
    rows.push({ ts: task.ts, dur: task.dur, words: `works: ${piecesOf(task, onMain)}` })
  }
  console.log("\ntimeline, ms since the navigation")
  for (const { ts, dur, words } of rows.sort((a, b) => a.ts - b.ts)) {
    console.log(`${inMs(ts - start.ts)} ${dur === undefined ? " ".repeat(8) : inMs(dur)}  ${words}`)
  }
}

/** The outermost pieces of a task, and what of it was spent on collecting garbage. */
function piecesOf({ ts, dur }, events) {
  const within = events.filter((event) => event.ts >= ts && event.ts + (event.dur ?? 0) <= ts + dur)
  const pieces = []
  let reached = ts
  for (const piece of within.filter(({ name }) => PIECES.has(name)).sort((a, b) => a.ts - b.ts)) {
    if (piece.ts < reached) continue
    reached = piece.ts + piece.dur
    if (piece.dur >= PIECE_MS * 1_000) pieces.push(nameOf(piece))
  }
  const collected = within.filter(({ name }) => COLLECTIONS.has(name)).reduce((sum, event) => sum + event.dur, 0)
  if (collected >= PIECE_MS * 1_000) pieces.push(`of it collecting garbage ${(collected / 1_000).toFixed(0)}`)
  return pieces.join(", ")
}

function nameOf({ name, dur, args }) {
  const title = name === "FunctionCall" ? args?.data?.functionName || "function" : name
  return `${title} ${(dur / 1_000).toFixed(0)}`
}

function isPage(args) {
  return args?.data?.documentLoaderURL?.startsWith("http") === true
}

function inMs(us) {
  return (us / 1_000).toFixed(1).padStart(8)
}
