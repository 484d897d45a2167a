import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { hurriedClock, ownedByTest, patience, readFresh, serverForTest, temporaryFolder } from "./harness.js"
import { brokenPromises, PLAIN, Typist } from "./typing.js"

/*
 * The real server on the real LevelDB, whose system calls fail now and then: strace makes the kernel say so, and does not
 * let it do them. Nothing that was called saved may be missing after a kill.
 */

const EDITS = 60
/** Names that LevelDB may give to its files here. */
const FILE_NUMBERS = Array.from({ length: 400 }, (_, i) => String(i + 1).padStart(6, "0"))

/** What fails: from which call of a thread on, and then how often. */
const FAULTS: readonly [string, (level: string) => readonly string[]][] = [
  ["each seventh sync of a file fails (EIO)", () => ["-e", "inject=fdatasync:error=EIO:when=5+7"]],
  [
    "each ninth write to a log, table or manifest fails (ENOSPC)",
    (level) => [...only(level), "-e", "inject=write:error=ENOSPC:when=5+9"],
  ],
]

describe.each(FAULTS)("%s", (_what, inject) => {
  it("and nothing that was called saved is lost", async () => {
    const folder = join(await temporaryFolder(), "data")
    const trace = join(await temporaryFolder(), "trace")
    let isFaulty = true
    // `-D`: the process that is started is the server itself, so that it is what is killed.
    const strace = ["strace", "-D", "-f", "--seccomp-bpf", "-o", trace, "-e", "trace=write,fdatasync"]
    const under = (): readonly string[] => (isFaulty ? [...strace, ...inject(join(folder, "level"))] : [])
    const server = await serverForTest({ folder, under })
    const typist = new Typist("t", {
      url: server.sync,
      document: "notes",
      content: PLAIN,
      random: new SeededRandom(3),
      onEdit: () => undefined,
      provider: { clock: hurriedClock(5) },
    })
    ownedByTest({ close: () => typist.client.close() })
    await typist.client.provider.whenSynced(patience())
    for (let i = 0; i < EDITS; i++) {
      typist.type()
      await typist.client.provider.whenSaved(patience())
    }
    expect(typist.undecided).toEqual([])
    await server.kill9()
    const failed = (await readFile(trace, "utf8")).split("(INJECTED)").length - 1
    isFaulty = false
    await server.restart()
    expect(brokenPromises(await readFresh(server.sync, "notes", PLAIN.tokens), [typist])).toEqual([])
    expect(server.process.log).toEqual([])
    process.stdout.write(`faults: ${failed} calls failed under ${typist.fates.size} words\n`)
    expect(failed).toBeGreaterThan(2)
  })
})

/** Only calls about files that LevelDB writes. */
function only(level: string): readonly string[] {
  const names = FILE_NUMBERS.flatMap((number) => [`${number}.log`, `${number}.ldb`, `MANIFEST-${number}`])
  return names.flatMap((name) => ["-P", join(level, name)])
}
