import { StorageError } from "./errors.js"
import { markKey } from "./keys.js"
import type { Level } from "./level.js"
import { SealReader, SealWriter } from "./sealed.js"

/** Version of everything in the level, as FORMAT.md describes it. */
export const FORMAT_VERSION = 1

/** Version of the mark's layout. FORMAT.md, "The mark". */
export const MARK_VERSION = 1

/**
 * One value about the whole store, rewritten in every batch: so whether a batch that reported an error was written
 * after all can be read off one key.
 */
export interface Mark {
  /** The format of everything else, beside the same number in the folder's `format` file. */
  readonly format: number
  /** Number of the batch that wrote it: the last one in the level. */
  readonly batch: number
}

/** The stored bytes of the mark. */
export function encodeMark(mark: Mark): Uint8Array {
  const writer = new SealWriter(MARK_VERSION, 2 + 8)
  writer.u16(mark.format)
  writer.u53(mark.batch)
  return writer.seal().value
}

/** Read the mark back. Throws `QUIRE_STORAGE_CORRUPT` if it is damaged. */
export function decodeMark(value: Uint8Array): Mark {
  const reader = new SealReader(value, MARK_VERSION, () => "the store's mark")
  const format = reader.u16()
  const batch = reader.u53()
  reader.end()
  return { format, batch }
}

/**
 * The number of the last batch in a level; 0 of an empty one.
 *
 * @throws StorageError `QUIRE_STORAGE_CORRUPT` if the mark is damaged, `QUIRE_STORAGE_FORMAT_NEWER`.
 */
export async function readMark(level: Level): Promise<number> {
  const value = await level.get(markKey(), {})
  if (value === undefined) return 0
  const mark = decodeMark(value)
  if (mark.format > FORMAT_VERSION) {
    throw new StorageError(
      "QUIRE_STORAGE_FORMAT_NEWER",
      `the level has format ${mark.format}, this release knows ${FORMAT_VERSION}`,
      { hint: "Start the newer release again; to go back, restore the backup made before the upgrade." },
    )
  }
  return mark.batch
}
