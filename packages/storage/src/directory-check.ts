import { checkDirectoryValue } from "./directory-format.js"
import { StorageError } from "./errors.js"
import { Range } from "./keys.js"
import type { Entry, Level } from "./level.js"

/** Values that are read at once. */
const AT_ONCE = 1_000

/** What is wrong with the directory of a level, as clauses. */
export async function* damagedInDirectory(level: Level): AsyncGenerator<string> {
  for await (const entries of inParts(level)) {
    for (const entry of entries) {
      const reason = wrongWith(entry)
      if (reason !== undefined) yield reason
    }
  }
}

/** Everything in the directory of a level that can be read, as it is stored. */
export async function* readableDirectory(level: Level): AsyncGenerator<readonly Entry[]> {
  for await (const entries of inParts(level)) yield entries.filter((entry) => wrongWith(entry) === undefined)
}

async function* inParts(level: Level): AsyncGenerator<readonly Entry[]> {
  for (let after = Uint8Array.of(Range.Directory); ; ) {
    const range = { gt: after, lt: Uint8Array.of(Range.Directory + 1), limit: AT_ONCE }
    const entries = await level.iterator(range).all()
    const last = entries.at(-1)
    if (last === undefined) return
    yield entries
    after = Uint8Array.from(last[0])
  }
}

function wrongWith([key, value]: Entry): string | undefined {
  try {
    checkDirectoryValue(key, value)
    return undefined
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return error.message
  }
}
