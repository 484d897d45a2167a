// npm run planted-bugs [sync | access | binding | page] [RULE]: tests of the tests. Removes one rule at a time and expects the tests
// to fail; one that is not found is only written down, not proved. `sync`, `access` and `binding` run the unit tests of
// packages/sync, apps/server and packages/editor on a copy; `page` changes packages/editor in place, builds, runs a browser test, and puts it back.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ACCESS_BUGS, ACCESS_TESTS } from "./planted-access.mjs"
import { BINDING_BUGS, PAGE_BUGS } from "./planted-bindings.mjs"
import { ROOT } from "./prepare.mjs"

const SYNC_BUGS = [
  ["R1", "deletions are not news", "knowledge.ts", "vector.size === 0 && deletions.length === 0", "vector.size === 0"],
  [
    "R1",
    "everything is news",
    "knowledge.ts",
    'return { kind: "known" }',
    'return { kind: "news", vector, deletions }',
  ],
  [
    "R2",
    "origins are not looked at",
    "knowledge.ts",
    "if (end > (vector.get(client) ?? this.#vector.get(client) ?? 0))",
    "if (end < 0)",
  ],
  ["R2", "gaps are not looked at", "knowledge.ts", "if (start > known)", "if (start < 0)"],
  ["R2", "the sender is not asked again", "room.ts", "else this.#askAgain(session)", 'else session.healing = "asked"'],
  [
    "R2",
    "it is asked before its own question is answered",
    "room.ts",
    'if (session.reading.kind === "joining") session.healing = "again"\n    else',
    "",
  ],
  [
    "R2",
    "structs told a second time are taken",
    "room.ts",
    'verdict.kind === "incomplete" || verdict.isRepeating',
    'verdict.kind === "incomplete"',
  ],
  [
    "R2",
    "structs that wait for one another count as there",
    "knowledge.ts",
    'if (!isOrderable(summary.crossings, vector, this.#vector)) return { kind: "incomplete" }',
    "",
  ],
  ["R2", "what stands is thrown away with what does not", "room.ts", "this.#takeIn(session, whole, summary)", ""],
  [
    "R2",
    "quarantine never ends",
    "room.ts",
    "of this.#quarantine.release(this.#knowledge))",
    "of [] as { session: Session; update: Uint8Array; summary: UpdateSummary }[])",
  ],
  [
    "R2",
    "an incomplete update is acknowledged with what follows it",
    "acknowledgements.ts",
    "if (entry.sequence === undefined || entry.sequence > durable) break",
    "if (entry.sequence !== undefined && entry.sequence > durable) break",
  ],
  [
    "R3",
    "sent on in another order than appended",
    "fan-out.ts",
    "this.#outgoing.push(outgoing)",
    "this.#outgoing.unshift(outgoing)",
  ],
  [
    "R4",
    "acknowledged from memory",
    "acknowledgements.ts",
    "entry.sequence > durable) break",
    "false) break",
    ["fan-out.ts", "if (this.#durable.sequence >= sequence) this.#settleSoon()", "this.#settleSoon()"],
  ],
  [
    "R4",
    "others wait for the disk",
    "fan-out.ts",
    "waitMs > 0)",
    "true)",
    [
      "fan-out.ts",
      "for (const session of this.#unsettled) if (session.echoes.length > 0) return true\n    return false",
      "return true",
    ],
  ],
  [
    "R4",
    "durable announced before it was sent",
    "fan-out.ts",
    "if (this.#durable.sequence > this.#sentHead || this.#durable.sequence <= this.#announced) return\n",
    "",
  ],
  [
    "R4",
    "durable never announced alone",
    "fan-out.ts",
    "this.#announceSoon()\n  }\n\n  /** Something",
    "}\n\n  /** Something",
  ],
  ["R5", "a token's checksum is not compared", "resuming.ts", "known.checksum === token.checksum\n", "true\n"],
  ["R5", "the server does not ask what clients have", "room.ts", "messages.push(this.#step1Message(session))", ""],
  ["R6", "writers are never paused", "unsaved.ts", "session.visitor.link.pause()", ""],
  ["R6", "writers are never resumed", "unsaved.ts", "session.visitor.link.resume()", ""],
  [
    "R6",
    "latecomers are not told of trouble",
    "room.ts",
    'if (health.kind === "failing") messages.push',
    "if (false) messages.push",
  ],
  ["O3", "stopping goes on reading", "rooms.ts", "for (const room of this.#rooms.values()) room.stopReading()", ""],
  [
    "R7",
    "documents grow for ever",
    "document-size.ts",
    "<= this.#setting.limits.documentBytes) return true",
    "!== -1) return true",
  ],
  [
    "R7",
    "a full document takes no deletions",
    "room.ts",
    "verdict.vector.size > 0 && !this.#size.hasSpaceFor(update)",
    "!this.#size.hasSpaceFor(update)",
  ],
  [
    "R7",
    "what can stand of an incomplete update is not measured",
    "room.ts",
    "!this.#size.hasSpaceFor(whole)",
    "false",
  ],
  [
    "R7",
    "what was put aside is not measured",
    "room.ts",
    "summary.structs.length === 0 || this.#size.hasSpaceFor(update)",
    "true",
  ],
  [
    "J6",
    "nobody is told that the log went back",
    "room.ts",
    'if (resume.kind === "gone-back") messages.push(wentBackNotice())',
    "",
  ],
  [
    "J6",
    "another record in its place proves nothing",
    "resuming.ts",
    ": this.#hasGoneBack(token, durable)",
    ': { kind: "unknown" }',
  ],
  ["R8", "clocks jump", "knowledge.ts", "end - this.clockOf(client) > LIMITS.clockAdvance", "end < 0"],
  ["R8", "a long life of small steps is a jump", "knowledge.ts", "end - this.clockOf(client) > LIMITS", "end > LIMITS"],
  [
    "A2",
    "older editors go on",
    "room.ts",
    "this.#schema = visitor.schema\n    for (const other of this.#sessions) this.#reconsider(other)",
    "this.#schema = visitor.schema",
  ],
  [
    "F1",
    "quiet rooms are spaced",
    "pace.ts",
    "return this.#credit >= 1 ? 0 : (1 - this.#credit) * everyMs",
    "return this.#everyMs",
  ],
  [
    "F1",
    "busy rooms are not spaced",
    "pace.ts",
    "return this.#credit >= 1 ? 0 : (1 - this.#credit) * everyMs",
    "return 0",
  ],
  ["F1", "a crowd is not spaced further", "pace.ts", "readers * limits.flushPerReaderMs", "0"],
  [
    "F2",
    "native sessions get an echo",
    "fan-out.ts",
    "if (this.isSender(session)) return this.#withoutOwn(session, this.#durableNews())",
    "",
  ],
  ["F3", "no echo at all", "fan-out.ts", "this.send(session, parcelOf(ready))", ""],
  [
    "F3",
    "echo before the disk",
    "fan-out.ts",
    "if (echo.sequence > this.#durable.sequence || echo",
    "if (echo",
    ["fan-out.ts", "if (this.#durable.sequence >= sequence) this.#settleSoon()", "this.#settleSoon()"],
  ],
  [
    "F4",
    "the flush does not wait for the commit",
    "fan-out.ts",
    "if (mayWaitForCommit && this.#wantsCommit())",
    "if (false)",
  ],
  ["F4", "the flush waits for a late commit", "fan-out.ts", "this.#room.limits.commitWaitMs", "60_000"],
  ["F5", "a parcel for each reader", "fan-out.ts", "this.#native ??=", "this.#native ="],
  [
    "F6",
    "presence for slow readers",
    "fan-out.ts",
    "if (link.queuedBytes() <= this.#room.limits.quietBytes + session.allowanceBytes) this",
    "this",
  ],
  ["F6", "slow readers get everything", "fan-out.ts", "limits.behindBytes + allowanceBytes", "Number.MAX_VALUE"],
  [
    "F6",
    "who was behind is not caught up",
    "fan-out.ts",
    'if (session.reading.kind === "behind") this.#room.catchUp(session)',
    "",
  ],
  [
    "F6",
    "hoarders stay",
    "fan-out.ts",
    "const mayOverflow = queuedBytes + parcel.sizeBytes > limits.dropBytes + allowanceBytes",
    "const mayOverflow = false",
    ["fan-out.ts", "this.#room.limits.dropBytes + session.allowanceBytes", "Number.MAX_VALUE"],
  ],
  ["F6", "who stays behind stays", "fan-out.ts", "now - reading.sinceMs > limits.dropMs", "false"],
  ["F7", "no keep-alive", "fan-out.ts", "if (now - session.sentAt > limits.keepAliveMs)", "if (false)"],
  [
    "J1",
    "resume tokens are ignored",
    "room.ts",
    'session.resumeAfter = resume.kind === "good" ? resume.after : undefined',
    "",
  ],
  ["J1", "epochs are not compared", "resuming.ts", "|| token.epoch !== epoch", ""],
  [
    "J2",
    "the delete set is not sent",
    "join.ts",
    "parcelOf([step2(room.knowledge.deleteSet())])",
    "parcelOf([step2(EMPTY_UPDATE)])",
  ],
  [
    "J3",
    "step 2 before the tail",
    "merged-state.ts",
    "[...this.#carriedTail(), ...(this.#snapshotMessage ? [this.#snapshotMessage] : [])]",
    "[...(this.#snapshotMessage ? [this.#snapshotMessage] : []), ...this.#carriedTail()]",
  ],
  ["J3", "few large updates are merged first", "merged-state.ts", "this.#tail.length <= FEW_UPDATES &&", "false &&"],
  [
    "J3",
    "without a snapshot nothing is the step 2",
    "merged-state.ts",
    'carry(index === last ? "step2" : "update", update)',
    'carry("update", update)',
  ],
  [
    "J3",
    "what comes meanwhile is forgotten",
    "join.ts",
    "const parcel = late.length === 0 ? part :",
    "const parcel = true ? part :",
  ],
  [
    "J4",
    "the whole snapshot for everybody",
    "join.ts",
    "if (coversAll(vector, state.snapshotVector)) return",
    "if (false) return",
  ],
  [
    "J4",
    "no difference is computed",
    "join.ts",
    "if (snapshot.update.length < room.differenceBytes) return",
    "if (true) return",
  ],
  [
    "J5",
    "a load for each joiner",
    "merged-state.ts",
    "if (loading !== undefined) return loading",
    "",
    ["merged-state.ts", "if (state !== undefined) {", "if (false) {"],
    ["rooms.ts", "if (opening !== undefined) return opening", ""],
  ],
  ["A1", "readers may write", "authorise.ts", 'write: ["write"],', 'write: ["read", "comment", "write"],'],
  ["A2", "plain clients may write to pages", "authorise.ts", "if (schemas.client === 0) return", "if (false) return"],
  [
    "A2",
    "old clients may write to pages",
    "authorise.ts",
    "if (schemas.client < schemas.document) return",
    "if (false) return",
  ],
  [
    "A3",
    "pages are not born",
    "room.ts",
    'if (this.#kind === "page") this.#takeIn(session, this.#setting.birth',
    "if (false) this.#takeIn(session, this.#setting.birth",
  ],
  [
    "A4",
    "a change of rights waits for the next connection",
    "room.ts",
    "if (rights !== session.rights) {",
    "if (false) {",
  ],
  ["A4", "who may write again is not asked", "room.ts", 'if (access.grant === "write") this.#askSoon(session)', ""],
  [
    "A4",
    "what was put aside is taken from anybody",
    "room.ts",
    'if (session.grant !== "write" || this.#owners',
    "if (this.#owners",
  ],
  [
    "A5",
    "what is being taken apart is taken from anybody",
    "room.ts",
    "if (!permission.ok) return this.#tellRefused(session, permission, number)",
    "",
  ],
  [
    "A5",
    "a revoked session stays",
    "receive.ts",
    "this.#state.room.expel(this.#state.session, close, reason)",
    "void 0",
  ],
  ["A5", "whoever has gone joins", "rooms.ts", "|| present === undefined) return undefined", ") return undefined"],
  ["A5", "leases are watched for ever", "tenure.ts", "this.#unwatch()", ""],
  ["A5", "a connection goes on as somebody else", "tenure.ts", "next.user === this.#answer.user", "true"],
  ["A6", "another person's token is good", "tenure.ts", "answer.user !== this.#answer.user", "false"],
  ["A6", "an old answer wins over a newer change", "tenure.ts", "this.#changes !== changesBefore", "false"],
  ["A6", "every token is looked at", "tenure.ts", "this.#isRefreshing || token", "token"],
  ["A7", "a refusal names no number", "room.ts", "[refusedMessage(number, refusal)]", "[]"],
  [
    "A8",
    "people say themselves who they are",
    "presence-window.ts",
    "identity === undefined ? undefined :",
    "true ? undefined :",
  ],
  ["A8", "a new name waits for the next key", "room.ts", "this.#presence.restamp(session)", ""],
  ["A8", "every field passes", "stamp.ts", "FIELDS.filter((field)", "Object.keys(said).filter((field)"],
  ["A8", "prototypes can be reached", "stamp.ts", "!UNSAFE_KEYS.has(key)", "true"],
  ["A3", "every document is a page", "room.ts", 'session.visitor.schema > 0 ? "page" : "plain"', '"page"'],
  [
    "I1",
    "two connections speak for one client id",
    "room.ts",
    "if (claim.displaced !== undefined) this",
    "if (false) this",
  ],
  [
    "I1",
    "anybody is let in as anybody",
    "owners.ts",
    'return { kind: "another\'s" }\n    if (owner !== undefined) {',
    'return { kind: "own", displaced: undefined }\n    if (owner !== undefined) {',
    [
      "owners.ts",
      'owner.visitor.user !== user) return { kind: "another\'s" }',
      'owner.visitor.user !== user) return { kind: "own", displaced: undefined }',
    ],
  ],
  [
    "I1",
    "who wrote is forgotten with the process",
    "room.ts",
    "this.#owners.wrote(clientId, author)",
    "void [clientId, author]",
  ],
  ["I1", "the hello that comes last wins", "owners.ts", "owner.visitor.acceptedAtMs > acceptedAtMs", "false"],
  [
    "I1",
    "what an ended line still says is taken",
    "room.ts",
    "if (!session.isOpen) return\n    if (!session.isNative)",
    "if (!session.isNative)",
  ],
  [
    "I2",
    "anybody writes under anybody's client id",
    "room.ts",
    "if (this.#owners.bringsForeign(session, summary)) {\n      this.#waitForOwners",
    "if (false) {\n      this.#waitForOwners",
  ],
  ["I2", "what was put aside is not looked at", "room.ts", "|| this.#owners.bringsForeign(session, summary)) {", ") {"],
  [
    "I2",
    "tabs of one person are strangers",
    "owners.ts",
    "owner.visitor.user === session.visitor.user && owner",
    "false && owner",
  ],
  ["I2", "readers keep others from handing back", "owners.ts", ' || owner.grant !== "write"', ""],
  [
    "I3",
    "who has left owns its client id for ever",
    "owners.ts",
    "if (this.#byClient.get(client) === session) this.#byClient.delete(client)",
    "",
  ],
  ["I3", "who waited is never asked", "owners.ts", "this.#room.ask(session)", ""],
  ["I3", "two who wrote by turns wait for each other", "owners.ts", "&& !(isAnswer && this.#hasMoved(foreign))", ""],
  ["I3", "what stands of an answer is not taken", "room.ts", "return this.#takeRest(session, update)", "return"],
  [
    "P4",
    "a higher clock takes another's presence",
    "owners.ts",
    "if (owner !== undefined && owner !== session && !mayBeDead) return false",
    "if (owner !== undefined && owner !== session) return true",
  ],
  [
    "P4",
    "a line that may be dead keeps its client id",
    "owners.ts",
    "this.#room.clock.elapsed() - owner.heardAt >= STALE_MS",
    "false",
  ],
  [
    "P5",
    "a client that is back on another line is told to be gone",
    "presence.ts",
    "if (present !== undefined) this.#present.set(client, { ...present, session })",
    "",
  ],
  [
    "P2",
    "a message per announcement",
    "presence-window.ts",
    "const delayMs = Math.max(0, this.#sentAt + this.#windowMs - this.#clock.elapsed())",
    "const delayMs = 0",
    ["presence-window.ts", "if (this.#cancel !== undefined) return\n", ""],
  ],
  ["P3", "every renewal is passed on", "presence.ts", "if (isQuiet) return false", ""],
  [
    "P4",
    "anybody speaks for anybody",
    "presence.ts",
    "if (own !== undefined) return own === entry.client",
    "if (own !== undefined) return true",
  ],
  ["P4", "relayed entries are believed", "presence.ts", "if (isOlder && !(isLeaving", "if (false && !(isLeaving"],
  ["P5", "the dead stay", "presence-window.ts", "if (this.#table.leave(session.id)) this.#sendSoon()", ""],
  ["P5", "an old connection takes its successor along", "presence.ts", "|| present.session !== session", ""],
  [
    "C1",
    "no deadline for hello",
    "receive.ts",
    "setting.clock.schedule(HELLO_MS, () => this.#tooLate())",
    "() => undefined",
  ],
  ["C2", "frames before the room is open are lost", "receive.ts", "waiting.push(frame)", ""],
  ["C3", "a bad frame is forgiven", "receive.ts", "return this.#close(error.close,", "return void String(error.close,"],
  [
    "C5",
    "a document that cannot be read is empty",
    "rooms.ts",
    "await log.load(document)",
    "await log.load(document).catch(() => undefined)",
  ],
  [
    "A3",
    "a lost page is made a plain document",
    "room.ts",
    "return beginsWithBirth(update, this.#setting.birth)",
    "return false",
  ],
  ["C6", "frames are not counted", "intake.ts", "this.#frames--", ""],
  ["C6", "bytes are not counted", "intake.ts", "this.#bytes -= sizeBytes", ""],
  ["C6", "nobody is closed for sending on and on", "intake.ts", '? "close" : "pause"', '? "pause" : "pause"'],
  ["C6", "who has rested is still suspected", "intake.ts", ") this.#strainedAt = undefined", ") return"],
  ["O7", "a room has places for all", "places.ts", "if (roomSize >= sessions)", "if (roomSize < 0)"],
  ["O7", "places of who has left are not free", "room.ts", "this.#setting.places.free(session.visitor.user)", ""],
  [
    "O7",
    "a full room is closed to who comes back",
    "room.ts",
    "session.isNative && this.#owners.has(clientId)",
    "false",
  ],
  ["O1", "rooms are kept for ever", "rooms.ts", ">= LINGER_MS) this.#forget(room)", ">= LINGER_MS) return"],
  [
    "O2",
    "rooms with unsaved edits are forgotten",
    "room.ts",
    "this.#sessions.size === 0 && this.#unsaved.bytes === 0",
    "this.#sessions.size === 0",
  ],
  ["O3", "stopping does not wait for the disk", "rooms.ts", "await Promise.race([this.#allSaved(), deadline])", ""],
  [
    "O3",
    "a large crowd comes back as fast as a small one",
    "rooms.ts",
    "returnSpreadMs?.(this.counts.sessions) ?? 0",
    "0",
  ],
  [
    "O4",
    "the queue has no end",
    "admission.ts",
    "if (this.#waiting >= this.#limits.queued && !this.#makeRoomFor(address)) {",
    "if (this.#waiting < 0) {",
  ],
  ["O4", "a flood keeps the queue to itself", "admission.ts", "&& !this.#makeRoomFor(address)", ""],
  [
    "O4",
    "everybody is told to come back at the same time",
    "admission.ts",
    "const placeMs = aheadMs < LONGEST_MS ? aheadMs : this.#random.fraction() * LONGEST_MS",
    "const placeMs = aheadMs - aheadMs + 3_000",
  ],
  ["O4", "who has gone keeps a place", "admission.ts", "return () => this.#forget(address, answer)", "return () => {}"],
  [
    "O4",
    "a late process lets in all that it missed",
    "admission.ts",
    "for (let left = this.#perTurn; left > 0 && ",
    "for (let left = this.#limits.queued; left > 0 && ",
  ],
  ["O5", "nobody is refused", "memory-guard.ts", 'if (share >= limits.refuseShare) return "refusing"', ""],
  ["O5", "the heap is not looked at", "memory-guard.ts", "use.heapBytes / limits.heapBytes", "0"],
  ["O5", "idle rooms stay", "rooms.ts", "if (room.isIdle) this.#forget(room)", ""],
  ["O5", "rooms with people go, too", "rooms.ts", "if (room.isIdle) this.#forget(room)", "this.#forget(room)"],
  ["O6", "everything is read at once", "rooms.ts", "const OPENING_AT_ONCE = 8", "const OPENING_AT_ONCE = 1_000"],
  ["O6", "work that is done keeps its place", "turns.ts", "else next()", ""],
]

/** Fewer hostile frames: a bug shows in the first of them. */
const QUICK = { ...process.env, HOSTILE_FRAMES: "5000" }

const FOLDER = join(ROOT, "test-results", "planted")
const CONFIG = `export default { resolve: { conditions: ["quire-source", "module", "node"] }, ssr: { resolve: { conditions: ["quire-source", "module", "node"] } }, test: { include: ["test/**/*.test.ts"] } }`

const SUITES = {
  sync: { bugs: SYNC_BUGS, folder: "packages/sync", plant: plantInCopy },
  access: { bugs: ACCESS_BUGS, folder: "apps/server", plant: plantInCopy, tests: ACCESS_TESTS },
  binding: { bugs: BINDING_BUGS, folder: "packages/editor", plant: plantInCopy },
  page: { bugs: PAGE_BUGS, folder: "packages/editor", plant: plantInPage },
}

const [first, second] = process.argv.slice(2)
const suite = SUITES[first] ?? SUITES.sync
const only = SUITES[first] === undefined ? first : second
const bugs = suite.bugs.filter(([rule]) => only === undefined || rule === only)
if (suite.plant(suite.folder, [])) throw new Error("the tests fail without any bug")
let missed = 0
for (const [rule, what, ...patch] of bugs) {
  const isFound = suite.plant(suite.folder, patch)
  if (!isFound) missed++
  process.stdout.write(`${isFound ? "found " : "MISSED"} [${rule}] ${what}\n`)
}
if (suite.plant === plantInPage) build()
rmSync(FOLDER, { recursive: true, force: true })
process.stdout.write(`${bugs.length - missed} of ${bugs.length} planted bugs found\n`)
process.exit(missed === 0 ? 0 : 1)

/** @returns whether the package's tests fail on a copy with these edits. */
function plantInCopy(folder, patch) {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  for (const part of ["src", "test"]) cpSync(join(ROOT, folder, part), join(FOLDER, part), { recursive: true })
  cpSync(join(ROOT, folder, "package.json"), join(FOLDER, "package.json"))
  writeFileSync(join(FOLDER, "vitest.config.mjs"), CONFIG)
  for (const edit of editsOf(patch)) change(FOLDER, edit)
  const vitest = join(ROOT, "node_modules", ".bin", "vitest")
  const args = ["run", "--root", FOLDER, "--config", join(FOLDER, "vitest.config.mjs"), "--bail", "1"]
  args.push(...(suite.tests ?? []))
  // A bug may make a test run for ever; the tests as they are may take as long as the machine needs.
  const timeout = patch.length === 0 ? undefined : 120_000
  return spawnSync(vitest, args, { cwd: ROOT, stdio: "ignore", timeout, env: QUICK }).status !== 0
}

/** @returns whether a browser test, named by the last entry, fails with this edit in the sources; without one, any. */
function plantInPage(folder, [file, from, to, test]) {
  if (file === undefined) {
    build()
    return fails(PAGE_BUGS.map((bug) => bug.at(-1)).join("|"))
  }
  const path = join(ROOT, folder, "src", file)
  const text = readFileSync(path, "utf8")
  try {
    change(join(ROOT, folder), [file, from, to])
    build()
    return fails(test)
  } finally {
    writeFileSync(path, text)
  }
}

/** @returns whether a browser test of this name fails. */
function fails(test) {
  const playwright = join(ROOT, "node_modules", ".bin", "playwright")
  return spawnSync(playwright, ["test", "-g", test], { cwd: ROOT, stdio: "ignore" }).status !== 0
}

/** Bundles the page. Without the type checker: with a rule gone, some imports are unused. */
function build() {
  const { status } = spawnSync("npm", ["run", "build", "--workspace", "@quire/web"], { cwd: ROOT, stdio: "ignore" })
  if (status !== 0) throw new Error("the page cannot be built")
}

function editsOf(patch) {
  return patch.length === 0 ? [] : [patch.slice(0, 3), ...patch.slice(3)]
}

function change(folder, [file, from, to]) {
  const path = join(folder, "src", file)
  const text = readFileSync(path, "utf8")
  if (!text.includes(from)) throw new Error(`${file} has no "${from}": mend this list`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
}
