// One visit to one page: it is opened, typed in alone, watched while somebody else types, typed in while eight others
// do, and (Quire) opened again without a network. What each figure means: ../README.md.
import { setTimeout as wait } from "node:timers/promises"
import { gzipSync } from "node:zlib"
import { within } from "../participant.mjs"
import { gather, placesIn, WRITERS } from "./crowd.mjs"
import { typeKeys } from "./keys.mjs"
import { installProbe } from "./probe.mjs"
import { MARK } from "./text.mjs"

const KEYS = 40
const WATCHED_MS = 8_000
/** Others begin before the measured keys do, so that nothing is measured while they come. */
const WARM_UP_MS = 1_000
const REST_MS = 500
const VIEWPORT = { width: 1280, height: 800 }

/** Opens a page and measures it. @returns the metrics of `table.mjs`, without those that were not `wanted`. */
export async function visit(page, { browser, urls, prepared, blocks, name, wanted, onPhase = () => ({ end() {} }) }) {
  const crowd = await gather(prepared, `${urls.serverUrl.replace("http", "ws")}/sync/${name}`, page.isNative)
  const context = await browser.newContext({ viewport: VIEWPORT })
  try {
    const tab = await context.newPage()
    const errors = []
    tab.on("pageerror", (error) => errors.push(error.message))
    await tab.addInitScript(installProbe, { blocks, mark: MARK })
    const session = await context.newCDPSession(tab)
    await session.send("Performance.enable")
    const measured = { page, tab, session, crowd, blocks, onPhase }
    const metrics = await opening(measured, page.address(urls, name))
    const places = placesIn(blocks)
    await putCaret(tab, places.own)
    await tab.evaluate((block) => window.probe.watch(block), places.watched)
    await wait(REST_MS)
    const typed = []
    if (wanted.has("alone")) Object.assign(metrics, await alone(measured, typed))
    if (wanted.has("remote")) Object.assign(metrics, await remote(measured))
    if (wanted.has("busy")) Object.assign(metrics, await busy(measured, typed))
    await assertWhole(measured, places, typed.join(""))
    crowd.assertWell()
    crowd.close()
    if (page.hasCopy && wanted.has("offline")) metrics.offline = await offline(measured)
    if (errors.length > 0) throw new Error(`the page threw: ${errors[0]}`)
    return metrics
  } finally {
    crowd.close()
    await context.close()
  }
}

async function opening({ tab, session, onPhase }, address) {
  const phase = await onPhase({ tab, session, name: "opening" })
  await tab.goto(address)
  const editable = await editableAt(tab)
  await phase.end()
  const sizes = await scriptSizes(tab, editable)
  return { editable, ...sizes }
}

async function alone({ tab, session, onPhase }, typed) {
  const phase = await onPhase({ tab, session, name: "alone" })
  const share = await taskShare(session, async () => {
    typed.push(await typeKeys(session, KEYS, 1))
  })
  await phase.end()
  const keys = await takeKeys(tab)
  return { keyAlone50: quantile(keys, 0.5), keyAlone95: quantile(keys, 0.95), shareAlone: share }
}

async function remote({ tab, session, crowd, onPhase }) {
  const phase = await onPhase({ tab, session, name: "remote" })
  const stop = crowd.type(1)
  await wait(WATCHED_MS)
  stop()
  const delays = await takeDelays(tab, crowd)
  await phase.end()
  return { remote50: quantile(delays, 0.5) }
}

async function busy({ tab, session, crowd, onPhase }, typed) {
  const stop = crowd.type(WRITERS)
  await wait(WARM_UP_MS)
  await takeDelays(tab, crowd, false)
  await takeKeys(tab)
  const phase = await onPhase({ tab, session, name: "busy" })
  const share = await taskShare(session, async () => {
    typed.push(await typeKeys(session, KEYS, 2))
  })
  await phase.end()
  stop()
  const keys = await takeKeys(tab)
  const delays = await takeDelays(tab, crowd)
  return {
    keyBusy50: quantile(keys, 0.5),
    keyBusy95: quantile(keys, 0.95),
    remoteBusy50: quantile(delays, 0.5),
    shareBusy: share,
  }
}

/** A second visit without a network: from the navigation to the whole text. */
async function offline({ tab, session, onPhase }) {
  await tab.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await tab.getByRole("status").getByText("Saved", { exact: true }).waitFor()
  // Once with a network: the service worker takes over at the next navigation.
  await tab.reload()
  await editableAt(tab)
  await tab.getByRole("status").getByText("Saved", { exact: true }).waitFor()
  await tab.context().setOffline(true)
  const phase = await onPhase({ tab, session, name: "offline" })
  await tab.reload()
  const editable = await editableAt(tab)
  await phase.end()
  return editable
}

async function editableAt(tab) {
  const at = await tab.waitForFunction(() => window.probe?.editableAt, undefined, { timeout: 60_000 })
  return at.jsonValue()
}

/** JavaScript that was loaded before the text could be edited, in KB of 1,000 bytes. */
async function scriptSizes(tab, editable) {
  const scripts = await tab.evaluate((until) => {
    const isEarlyScript = ({ name, responseEnd }) => responseEnd <= until && new URL(name).pathname.endsWith(".js")
    return performance
      .getEntriesByType("resource")
      .filter(isEarlyScript)
      .map(({ name, encodedBodySize }) => ({ url: name, sent: encodedBodySize }))
  }, editable)
  let gzipped = 0
  for (const { url } of scripts) {
    const body = Buffer.from(await (await fetch(url)).arrayBuffer())
    gzipped += gzipSync(body, { level: 9 }).length
  }
  return { scriptGzip: gzipped / 1_000, scriptSent: scripts.reduce((sum, { sent }) => sum + sent, 0) / 1_000 }
}

async function putCaret(tab, block) {
  const place = await tab.evaluate((index) => {
    const element = window.probe.editor().children[index]
    element.scrollIntoView({ block: "center" })
    return new Promise((resolve) => {
      // Once it is laid out where it will stay.
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(element.getBoundingClientRect().toJSON())))
    })
  }, block)
  await tab.mouse.click(place.left + 80, place.bottom - 24)
  await tab.keyboard.press("End")
  await wait(REST_MS)
  await takeKeys(tab)
}

/** What part of the time the page's main thread was at work meanwhile, in percent. */
async function taskShare(session, work) {
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics")
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
  }
  const before = await read()
  await work()
  const after = await read()
  return (100 * (after.TaskDuration - before.TaskDuration)) / (after.Timestamp - before.Timestamp)
}

function takeKeys(tab) {
  return tab.evaluate(() => window.probe.keys.splice(0))
}

/**
 * From the moment the witness has a letter to the moment it is painted. Takes the letters since the last time.
 *
 * @param isWhole false to take what there is now, true to wait until all letters typed so far are painted.
 */
async function takeDelays(tab, crowd, isWhole = true) {
  const sent = crowd.watchedKeys
  if (isWhole) {
    const painted = tab.waitForFunction((count) => window.probe.marks.length >= count, sent, { timeout: 0 })
    await within(painted, () => "the watched writer's letters did not all arrive")
  }
  const marks = await tab.evaluate(() => window.probe.marks)
  const offset = await clockOffset(tab)
  const from = crowd.taken
  crowd.taken = marks.length
  return marks.slice(from).map((at, index) => at - offset - crowd.seenAt[from + index])
}

/** How far the page's clock is before this process's, in ms: read in the shortest of several rounds. */
async function clockOffset(tab) {
  let best = { tookMs: Number.POSITIVE_INFINITY, offset: 0 }
  for (let round = 0; round < 15; round++) {
    const before = performance.timeOrigin + performance.now()
    const there = await tab.evaluate(() => window.probe.now())
    const after = performance.timeOrigin + performance.now()
    if (after - before < best.tookMs) best = { tookMs: after - before, offset: there - (before + after) / 2 }
  }
  return best.offset
}

/** @throws unless the page shows what was typed, here and by the watched writer. */
async function assertWhole({ tab, crowd }, places, typed) {
  const [own, watched] = await tab.evaluate(
    (blocks) => blocks.map((block) => window.probe.editor().children[block].textContent),
    [places.own, places.watched],
  )
  if (!own.replaceAll("\u00a0", " ").includes(typed)) throw new Error(`what was typed is not there: ${own.slice(-120)}`)
  const count = watched.split(MARK).length - 1
  if (count !== crowd.watchedKeys) throw new Error(`${count} of ${crowd.watchedKeys} watched letters are there`)
}

/** The value below which this part of the values lies. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
}
