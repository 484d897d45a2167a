import { QuireError } from "@quire/base"
import { type Finding, repairFolder, type Verification, verifyFolder } from "@quire/storage"
import { checkBody, salvage } from "./doctor-bodies.js"
import { openLevel } from "./level.js"

/** How a doctor's visit ends: the process's exit code. */
export const DoctorExit = {
  /** Everything that was written is there. */
  Sound: 0,
  /** Something is wrong, or was and has been repaired. */
  Found: 1,
  /** The folder could not be checked, or not be repaired; nothing was changed. */
  Unable: 2,
} as const
export type DoctorExit = (typeof DoctorExit)[keyof typeof DoctorExit]

/** What a visit is about. */
export interface DoctorWish {
  /** The data folder. */
  readonly dataDir: string
  /** Whether to repair what is found. */
  readonly isRepairing: boolean
  /** Milliseconds since the epoch of Unix, to name the quarantine by. */
  readonly timeMs: number
}

/** `quire doctor`: checks a data folder that no server uses, and repairs it if asked to. @param say takes lines. */
export async function runDoctor(wish: DoctorWish, say: (line: string) => void): Promise<DoctorExit> {
  const options = { directory: wish.dataDir, openLevel, checkBody }
  try {
    if (!wish.isRepairing) {
      const found = await verifyFolder(options)
      tell(found, say)
      if (found.findings.length === 0) return DoctorExit.Sound
      say("Nothing was changed. quire doctor --repair keeps all of it in a quarantine and repairs what can be.")
      return DoctorExit.Found
    }
    const stamp = new Date(wish.timeMs).toISOString().replaceAll(":", "-")
    const { before, done, quarantine } = await repairFolder({ ...options, salvage, stamp })
    tell(before, say)
    if (quarantine === undefined) return DoctorExit.Sound
    say("Repaired:")
    for (const { what } of done) say(`  ${what}`)
    say(`The folder as it was is in ${quarantine}. Keep it until you have looked at what was repaired.`)
    return DoctorExit.Found
  } catch (error) {
    if (!(error instanceof QuireError)) throw error
    say(`Not checked: ${error.message}.${error.hint === undefined ? "" : ` ${error.hint}`} (${error.code})`)
    return DoctorExit.Unable
  }
}

function tell({ documents, records, findings }: Verification, say: (line: string) => void): void {
  say(`Looked at ${documents} documents and ${records} records.`)
  if (findings.length === 0) return say("Everything is sound.")
  say(`Found ${findings.length} ${findings.length === 1 ? "thing" : "things"}:`)
  for (const line of new Set(findings.map(sentence))) say(`  ${line}`)
}

/** What is wrong, with the document's name in front if it is not in it. */
function sentence({ document, what }: Finding): string {
  return document === undefined || what.includes(`"${document}"`) ? what : `"${document}": ${what}`
}
