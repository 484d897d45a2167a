// Recordings of people writing, keystroke by keystroke, one message each: what a keystroke costs, and what is on disk
// afterwards. Somebody else reads along, and who comes afterwards must find the recording's end text.
import { Level } from "level"
import { clientFrame } from "../light-socket.mjs"
import { deferred, join, leave, within } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"
import { readClocks } from "../read-update.mjs"
import { AUTHOR, recordedText, recordingPath, replay } from "../recordings.mjs"
import { folderBytes, quireBytes } from "../stored.mjs"

const NAME = "trace"
/** A keystroke leaves when the reader has what was typed so many keystrokes before. */
const IN_FLIGHT = 1_000
const SEND_AT_ONCE = 50
const REPLAY_MS = 300_000
/** So many are typed into another document first: a server runs for weeks, and compiles for seconds. */
const WARM_UP = 20_000
/** Longer than a server puts its writing off (Hocuspocus: 2 s), so all of it is counted. */
const WRITTEN_QUIET_MS = 2_500

export const traces = [
  scenario("automerge-paper", {
    sha256: "a489e9022976c14e46627aea174d07797edcb3fd17df42605956d4cf01bf9039",
    targets: { cpu: { atMost: 12 }, disk: { atMost: 1_024 } },
  }),
  scenario("rustcode", { sha256: "2cde7bd1dedbcd198e3f5a66a4135f120571a4349d48d057009f311622a0894c" }),
  scenario("friendsforever_flat", { sha256: "4720ec330c91e288c00b71cab318f7a1cdde689dfc401f269c353acfd6cb03f6" }),
  scenario("sveltecomponent", { sha256: "d8bb93b7cf87b4c3a0394fddc028284a093d90d5794a213d1ccb0794eb4ede8f" }),
]

function scenario(recording, { sha256, targets = {} }) {
  let replayed
  return {
    id: `trace-${recording}`,
    sizes: { full: { share: 1 }, quick: { share: 0.1 } },
    title: ({ share }) => `the recording ${recording}${share < 1 ? ", its beginning" : ""}, keystroke by keystroke`,
    contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus"],
    metrics: [
      { id: "cpuPerUpdate", label: "CPU per update, until all is stored", unit: "µs", target: targets.cpu },
      { id: "disk", label: "disk", unit: "KiB" },
      {
        id: "diskWithoutHistory",
        label: "of it, without history: keys and values as they are before LevelDB packs them",
        unit: "KiB",
        target: targets.disk,
      },
    ],

    missing() {
      if (recordingPath(recording) === undefined) return `${recording}.json.gz is not here; see bench/traces/README.md.`
    },

    async measure(contestant, server, { sizes }) {
      replayed ??= replay(recordingPath(recording), sha256)
      const { updates, clocks, endContent } = replayed
      const count = Math.floor(updates.length * sizes.share)
      const warm = Math.floor(WARM_UP * sizes.share)
      await leave(await type(contestant, server, { name: "warm-up", updates: updates.slice(0, warm), clocks }))
      await whenQuiet(server.pid, WRITTEN_QUIET_MS, REPLAY_MS)

      const before = sampleCpu(server.pid)
      const people = await type(contestant, server, { name: NAME, updates: updates.slice(0, count), clocks })
      await whenQuiet(server.pid, WRITTEN_QUIET_MS, REPLAY_MS)
      const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))

      // Whoever comes now has all of it, also what only deleted, which the reader's clocks do not show.
      const late = await join(contestant, server, { name: NAME, clientId: 3, expectedBytes: 1 })
      await late.whenWhole()
      await whenQuiet(server.pid)
      const expected = count === updates.length ? endContent : recordedText(updates.slice(0, count))
      if (recordedText(late.contents) !== expected) throw new Error(`who comes afterwards finds another text`)
      await leave([...people, late])
      return { cpuPerUpdate: (cpuMs * 1_000) / count }
    },

    async measureFolder(contestant, folder) {
      const disk = folderBytes(folder) / 1_024
      if (contestant.server !== "quire") return { disk }
      return { disk, diskWithoutHistory: (await quireBytes(folder, Level)).withoutHistory / 1_024 }
    },
  }
}

/** One writes the updates as fast as another has read them. Resolves when the reader has all, and all is on disk. */
async function type(contestant, server, { name, updates, clocks }) {
  const frames = updates.map((update) => clientFrame(contestant.dialect.update(name, Buffer.from(update))))
  const progress = new Progress(clocks)
  const onAcknowledge = (through) => progress.acknowledged(through - 1)
  const onUpdate = (update) => readClocks(update, (_client, _start, end) => progress.reached(end))
  const writer = await join(contestant, server, { name, clientId: AUTHOR, onUpdate: () => {}, onAcknowledge })
  const reader = await join(contestant, server, { name, clientId: 2, onUpdate })
  await Promise.all([writer.whenWhole(), reader.whenWhole()])
  for (let sent = 0; sent < frames.length; sent += SEND_AT_ONCE) {
    await progress.hasSent(sent - IN_FLIGHT)
    writer.send(Buffer.concat(frames.slice(sent, sent + SEND_AT_ONCE)))
  }
  await progress.hasSent(frames.length - 1)
  if (contestant.durability === "acknowledgement") await progress.isAcknowledged(frames.length)
  return [writer, reader]
}

/** How far the reader is, and the writer's acknowledgements. */
class Progress {
  #clocks
  #clock = 0
  #acknowledged = 0
  #waiting = []

  constructor(clocks) {
    this.#clocks = clocks
  }

  /** Resolves when the reader has every letter that was typed up to and including an update. */
  hasSent(index) {
    const clock = this.#clocks[index] ?? 0
    return this.#until(() => this.#clock >= clock)
  }

  isAcknowledged(updates) {
    return this.#until(() => this.#acknowledged >= updates)
  }

  reached(clock) {
    this.#clock = Math.max(this.#clock, clock)
    this.#settle()
  }

  acknowledged(updates) {
    this.#acknowledged = updates
    this.#settle()
  }

  async #until(isDone) {
    if (isDone()) return
    const waiting = { isDone, done: deferred() }
    this.#waiting.push(waiting)
    const state = () => `the reader is at clock ${this.#clock}, ${this.#acknowledged} updates are acknowledged`
    await within(waiting.done.promise, state, REPLAY_MS)
  }

  #settle() {
    for (const { isDone, done } of this.#waiting) if (isDone()) done.resolve()
    this.#waiting = this.#waiting.filter(({ isDone }) => !isDone())
  }
}
