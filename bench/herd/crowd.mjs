// A process with part of a herd. Its parent asks and is answered over IPC: { ask, ...values } → { answer, ... }.
import { Member } from "./member.mjs"

const OPENED_EACH_TURN = 20
const TURN_MS = 20

const members = []
let inside = 0
let whenAllIn
let whenAllOut
/** When members came in, in milliseconds since `mark`. */
let arrivals = []
let markedAt = 0
let typing

process.on("message", async (message) => {
  process.send({ answer: message.ask, ...(await asked[message.ask](message)) })
})
process.on("disconnect", () => process.exit())

const asked = {
  /** Everybody comes, a few at a time; answers when all are in. */
  async open({ port, first, count, documents, firstClientId }) {
    for (let i = first; i < first + count; i++) {
      const document = `herd-${i % documents}`
      // The first who comes to a document writes in it.
      const setting = { port, document, clientId: firstClientId + i, isWriter: i < documents, onState: changed }
      members.push({ document, isWriter: setting.isWriter, clientId: setting.clientId, member: new Member(setting) })
    }
    for (let at = 0; at < members.length; at += OPENED_EACH_TURN) {
      for (const { member } of members.slice(at, at + OPENED_EACH_TURN)) member.open()
      await new Promise((resolve) => setTimeout(resolve, TURN_MS))
    }
    await allIn()
  },
  /** Every writer types now and then, also while it is away. */
  type({ everyMs }) {
    const writers = members.filter(({ isWriter }) => isWriter)
    let next = 0
    typing = setInterval(() => writers[next++ % writers.length]?.member.type(), everyMs / Math.max(1, writers.length))
  },
  /** Nobody types any more, but for whoever has not typed at all; answers when everything typed is saved. */
  async settle() {
    clearInterval(typing)
    for (const { isWriter, member } of members) if (isWriter && member.typed === 0) member.type()
    await until(() => members.every(({ member }) => member.saved === member.typed))
  },
  /** From now on endings and arrivals are noted. */
  mark() {
    arrivals = []
    for (const { member } of members) {
      member.endings = []
      member.hints = []
    }
  },
  /** Arrivals are counted from now. */
  "mark-arrivals"() {
    arrivals = arrivals.map(() => 0)
    markedAt = performance.now()
  },
  /** Answers when nobody is in. */
  async out() {
    if (inside > 0) await new Promise((resolve) => (whenAllOut = resolve))
  },
  /** Answers when everybody is. */
  async in() {
    await allIn()
    return { arrivals }
  },
  close() {
    for (const { member } of members) member.close()
  },
  /** Answers when everybody has the clocks given, by document. */
  async agree({ typed }) {
    await until(() => members.every(({ document, member }) => hasAll(member, typed[document])))
  },
  /** What became of everybody since the mark. */
  report() {
    const typed = {}
    for (const { document, isWriter, clientId, member } of members) {
      if (isWriter) typed[document] = { clientId, letters: member.typed }
    }
    return {
      typed,
      endings: members.map(({ member }) => member.endings),
      hints: members.flatMap(({ member }) => member.hints),
      faults: members.flatMap(({ member }) => member.faults),
    }
  },
}

function changed(before, state) {
  if (before === "in") inside--
  if (state === "in") {
    inside++
    arrivals.push(performance.now() - markedAt)
    if (inside === members.length) whenAllIn?.()
  }
  if (inside === 0) whenAllOut?.()
}

async function allIn() {
  if (inside < members.length) await new Promise((resolve) => (whenAllIn = resolve))
}

function hasAll(member, { clientId, letters }) {
  return (member.vector.get(clientId) ?? 0) === letters
}

/** Looks again and again: what is waited for ends at many places. The parent's patience bounds it. */
async function until(isMet) {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 50))
}
