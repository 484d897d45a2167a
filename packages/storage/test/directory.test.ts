import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { auditKey, encodeDirectoryRecord } from "../src/directory-format.js"
import type { Account, DocumentAccess, Invitation, PasswordReset, ShareLink, SignIn } from "../src/index.js"
import { DIRECTORY_LIMITS, repairFolder, verifyFolder } from "../src/index.js"
import { FakeDisk } from "./fake-disk.js"
import { bodyRecord, drive, name, ORIGIN, openLevelDb, openLog, temporaryFolder } from "./world.js"

const notes = name("notes")
const id = (n: number): string => Buffer.alloc(16, n).toString("base64url")
const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n)

function account(n: number, part: Partial<Account> = {}): Account {
  return {
    kind: "account",
    id: id(n),
    email: `p${n}@example.org`,
    name: `P ${n}`,
    color: "#123456",
    passwordHash: "h",
    external: "",
    isAdmin: false,
    isSuspended: false,
    createdMs: n,
    ...part,
  }
}
function signIn(n: number, part: Partial<SignIn> = {}): SignIn {
  const times = { createdMs: n, seenMs: n }
  return {
    kind: "sign-in",
    id: id(n),
    secretHash: hash(n),
    account: id(1),
    name: "",
    color: "",
    agent: "",
    links: [],
    ...times,
    ...part,
  }
}
function link(n: number, part: Partial<ShareLink> = {}): ShareLink {
  const numbers = { expiresMs: 0, maxViews: 0, views: 0, createdMs: n }
  const base = { kind: "link", id: id(n), secretHash: hash(n), document: notes, role: "viewer" } as const
  return { ...base, passwordHash: "", madeBy: "", label: "", ...numbers, ...part }
}
function reset(n: number, secret: number): PasswordReset {
  return { kind: "reset", id: id(n), secretHash: hash(secret), madeBy: "", createdMs: n, expiresMs: n + 1 }
}
const access: DocumentAccess = {
  kind: "access",
  document: notes,
  members: [{ user: `account:${id(1)}`, role: "owner" }],
}
const entry = { timeMs: 1, who: "account:x", name: "X", what: "role.given", whom: "y", detail: "editor" }

describe.each([
  ["a MemoryLevel", () => new FakeDisk().openLevel],
  ["LevelDB", () => openLevelDb],
])("the directory on %s", (_, openLevel) => {
  it("answers by every key, and the same after a restart", async () => {
    const disk = openLevel()
    const { log, directory: folder } = await openLog({ openLevel: disk })
    const external = account(2, { external: "https://id.example 7" })
    await log.directory.change({ put: [account(1), external, signIn(3), link(5), access, reset(1, 6), reset(2, 7)] })
    await log.directory.change({
      put: [signIn(4), account(1, { email: "new@example.org" }), reset(1, 8)],
      remove: [
        { kind: "sign-in", id: id(3) },
        { kind: "reset", id: id(2) },
      ],
    })
    const look = ({ directory }: typeof log) => [
      directory.accounts().map((one) => one.email),
      directory.accountByEmail("p1@example.org"),
      directory.accountByEmail("new@example.org")?.id,
      directory.accountByExternal("https://id.example 7")?.id,
      directory.accountByExternal(""),
      directory.signInBySecret(hash(3)),
      directory.signInBySecret(hash(4))?.id,
      directory.signInsOf(id(1)).map((one) => one.id),
      directory.linkBySecret(hash(5))?.id,
      directory.linksOf(notes).map((one) => one.id),
      directory.access(notes)?.members,
      directory.access(name("other")),
      [6, 7, 8].map((secret) => directory.resetBySecret(hash(secret))?.id),
      directory.resetOf(id(1))?.secretHash,
      directory.resetOf(id(2)),
    ]
    const before = look(log)
    expect(before).toEqual([
      ["new@example.org", "p2@example.org"],
      undefined,
      id(1),
      id(2),
      undefined,
      undefined,
      id(4),
      [id(4)],
      id(5),
      [id(5)],
      access.members,
      undefined,
      [undefined, undefined, id(1)],
      hash(8),
      undefined,
    ])
    await log.close()
    const again = await openLog({ openLevel: disk, directory: folder })
    expect(look(again.log)).toEqual(before)
  })

  it("shows a change at once, to the next question and to whoever watches", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    const seen: unknown[] = []
    const stop = log.directory.subscribe((change) => seen.push(change, log.directory.access(notes)))
    const change = { put: [access] }
    const written = log.directory.change(change)
    expect(seen).toEqual([change, access])
    stop()
    await written
    await log.directory.change({ remove: [access] })
    expect(seen).toHaveLength(2)
    expect(log.directory.access(notes)).toBeUndefined()
  })

  it("remembers what was done, each document's apart, the newest first, and so many entries", async () => {
    const disk = openLevel()
    const { log, directory: folder } = await openLog({ openLevel: disk })
    const audit = (document: typeof notes | undefined, timeMs: number) => ({ ...entry, document, timeMs })
    const most = DIRECTORY_LIMITS.auditEntries
    await Promise.all(
      Array.from({ length: most + 5 }, (_, i) =>
        log.directory.change({ audit: [audit(notes, i), audit(undefined, i)] }),
      ),
    )
    await log.directory.change({ audit: [audit(name("b"), 7)] })
    await log.close()
    const again = await openLog({ openLevel: disk, directory: folder })
    await again.log.directory.change({ audit: [audit(notes, 9_999)] })
    const kept = await again.log.directory.audit(notes, 10_000)
    expect(kept).toHaveLength(most)
    expect(kept[0]?.timeMs).toBe(9_999)
    expect(kept.slice(1).map(({ timeMs }) => timeMs)).toEqual(Array.from({ length: most - 1 }, (_, i) => most + 4 - i))
    expect(await again.log.directory.audit(name("b"), 10)).toEqual([{ ...entry, timeMs: 7 }])
    expect(await again.log.directory.audit(undefined, 3)).toHaveLength(3)
    expect(await again.log.directory.audit(name("absent"), 3)).toEqual([])
  })
})

describe("the directory", () => {
  it("takes no record beyond a bound, and changes nothing then", async () => {
    const { log } = await openLog({ openLevel: new FakeDisk().openLevel })
    const most = DIRECTORY_LIMITS.invitations
    const invitation = (n: number): Invitation => {
      const bytes = Buffer.alloc(16)
      bytes.writeUInt32BE(n)
      const secretHash = new Uint8Array(32)
      secretHash.set(bytes)
      const times = { createdMs: 1, expiresMs: 2 }
      return { kind: "invitation", id: bytes.toString("base64url"), secretHash, email: "", invitedBy: id(1), ...times }
    }
    await log.directory.change({ put: Array.from({ length: most }, (_, n) => invitation(n)) })
    expect(log.directory.hasRoom("invitation")).toBe(false)
    expect(() => log.directory.change({ put: [account(1), invitation(most)] })).toThrow(/there are 1000 records/)
    expect(log.directory.account(id(1))).toBeUndefined()
    await log.directory.change({ put: [invitation(3)] })
    const third = { kind: "invitation", id: invitation(3).id } as const
    // One that is removed makes room for one, not for two, and only if it was there.
    const two = [invitation(most), invitation(most + 1)]
    expect(() => log.directory.change({ remove: [third, third], put: two })).toThrow(/there are 1000 records/)
    const absent = { kind: "invitation", id: id(250) } as const
    expect(() => log.directory.change({ remove: [absent], put: [invitation(most)] })).toThrow(/there are 1000 records/)
    await log.directory.change({ remove: [third], put: [invitation(most)] })
    expect(log.directory.invitations()).toHaveLength(most)
    expect(() => log.directory.change({ put: [account(1, { name: "x".repeat(1_025) })] })).toThrow(TypeError)
    expect(() => log.directory.change({ put: [account(1, { id: "no id" })] })).toThrow(TypeError)
  })

  it("is durable when a change resolves, also after writes that failed", async () => {
    const disk = new FakeDisk()
    const { log, clock } = await openLog({ openLevel: disk.openLevel })
    const next = disk.batches + 1
    disk.onBatch = (n) => (n === next ? "fail" : undefined)
    await drive(clock, log.directory.change({ put: [access] }))
    const survivor = await openLog({ openLevel: disk.copy().openLevel })
    expect(survivor.log.directory.access(notes)).toEqual(access)
  })

  it("rejects what close had to give up", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel })
    disk.onBatch = () => "fail"
    const outcome = expect(log.directory.change({ put: [access] })).rejects.toMatchObject({
      code: "QUIRE_STORAGE_FULL",
    })
    await new Promise((resolve) => log.subscribe(() => resolve(undefined)))
    await log.close()
    await outcome
  })

  it("is, after a stop at any batch, what some change left, and no older than what was acknowledged", async () => {
    const step = fc.record({
      user: fc.integer({ min: 1, max: 3 }),
      role: fc.constantFrom("viewer", "editor", undefined),
      pause: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (script) => {
        const disk = new FakeDisk()
        const moments: FakeDisk[] = []
        disk.onPersisted = () => moments.push(disk.copy())
        const { log } = await openLog({ openLevel: disk.openLevel })
        const states: { text: string; ackedAt: number }[] = [{ text: "undefined", ackedAt: 0 }]
        const pending: Promise<void>[] = []
        for (const [at, { user, role, pause }] of script.entries()) {
          // The access and a sign-in that belongs to it change together: one must never be there without the other.
          const members = role === undefined ? [] : [{ user: `u${user}`, role }]
          const changed: DocumentAccess = { ...access, members: [...members, { user: `n${at}`, role: "viewer" }] }
          const state = { text: JSON.stringify(changed.members), ackedAt: Number.POSITIVE_INFINITY }
          states.push(state)
          const written = log.directory
            .change({ put: [changed, signIn(1, { seenMs: at })], audit: [{ ...entry, document: notes }] })
            .then(() => {
              state.ackedAt = moments.length
            })
          pending.push(written)
          if (pause) await written
        }
        await Promise.all(pending)
        await log.close()
        for (const [at, moment] of moments.entries()) {
          const survivor = await openLog({ openLevel: moment.openLevel })
          const { directory } = survivor.log
          const found = JSON.stringify(directory.access(notes)?.members) ?? "undefined"
          const index = states.findIndex(({ text }) => text === found)
          expect(index).toBeGreaterThanOrEqual(0)
          const acknowledged = states.findLastIndex(({ ackedAt }) => ackedAt <= at + 1)
          expect(index).toBeGreaterThanOrEqual(acknowledged)
          expect(directory.signIn(id(1))?.seenMs).toBe(index === 0 ? undefined : index - 1)
          expect((await directory.audit(notes, 100)).length).toBeGreaterThanOrEqual(acknowledged)
          await survivor.log.close()
        }
      }),
      { numRuns: 15 },
    )
  }, 30_000)
})

describe("a damaged directory", () => {
  const checkBody = (): undefined => undefined

  it("gives nobody what the damaged record said, is told at open and by the check, and mended by a repair", async () => {
    const directory = await temporaryFolder()
    const first = await openLog({ openLevel: openLevelDb, directory })
    await first.log.append(notes, bodyRecord(1), ORIGIN)
    await first.log.directory.change({ put: [account(1), access], audit: [{ ...entry, document: notes }] })
    await first.log.close()
    expect((await verifyFolder({ directory, openLevel: openLevelDb, checkBody })).findings).toEqual([])
    const level = await openLevelDb(`${directory}/level`)
    const value = Buffer.from(encodeDirectoryRecord(access))
    value[10] = (value[10] ?? 0) ^ 1
    const [found] = await level.iterator({ gte: Uint8Array.of(0x70, 4), lt: Uint8Array.of(0x70, 5) }).all()
    const key = found?.[0] ?? new Uint8Array()
    await level.batch(
      [
        { type: "put", key, value },
        { type: "put", key: auditKey(name("b"), 1), value },
      ],
      { sync: true },
    )
    await level.close()
    const damaged = await openLog({ openLevel: openLevelDb, directory })
    expect(damaged.reports).toMatchObject([{ kind: "directory-damaged", reason: expect.stringContaining("checksum") }])
    expect(damaged.log.directory.access(notes)).toBeUndefined()
    expect(damaged.log.directory.account(id(1))).toBeDefined()
    expect((await damaged.log.load(notes))?.head.sequence).toBe(1)
    await damaged.log.close()
    const options = { directory, openLevel: openLevelDb, checkBody }
    const { findings } = await verifyFolder(options)
    expect(findings).toHaveLength(2)
    const repair = await repairFolder({ ...options, salvage: () => undefined as never, stamp: "now" })
    expect(repair.before.findings).toEqual(findings)
    const mended = await openLog({ openLevel: openLevelDb, directory })
    expect(mended.reports).toEqual([])
    expect(mended.log.directory.account(id(1))).toEqual(account(1))
    expect(await mended.log.directory.audit(notes, 5)).toHaveLength(1)
    expect((await mended.log.load(notes))?.head.sequence).toBe(1)
  })
})
