import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { SeededRandom } from "@quire/testing"
import type { PlacedCall } from "./system-calls.js"

/*
 * A disk as POSIX promises it, fed with traced calls. Bytes are safe once their file was synced, and a name once its
 * folder was. Names change in order, as every journalling file system has it: if a change of names is on the disk, so are
 * all before it.
 */

const SECTOR_BYTES = 512

type Change =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Buffer; readonly ended: number }
  | { readonly kind: "truncate"; readonly at: number; readonly ended: number }

/** A file, whatever it is called. */
interface File {
  safe: Buffer
  /** Changes since that may be on the disk, or not. */
  unsafe: Change[]
  /** How long it is for those who read it. */
  size: number
}

/** A change of names; `file` is the one that gets the name, if one does. */
interface Naming {
  readonly path: string
  readonly from?: string
  readonly file: File | "folder" | undefined
}

/** What of the things not yet safe a loss of power leaves. */
export const LEFTOVERS = ["nothing", "names", "everything", "zeros", "some"] as const
export type Leftovers = (typeof LEFTOVERS)[number]

/** Names and files after some of the calls, with what is safe of them. */
export class ReplayedDisk {
  readonly #root: string
  /** Names for those who read now. */
  readonly #names = new Map<string, File | "folder">()
  readonly #safeNames = new Map<string, File | "folder">()
  #namings: Naming[] = []

  /** @param root a folder that is safe from the beginning. */
  constructor(root: string) {
    this.#root = root
  }

  /** Does what a call did. */
  take({ call, began, ended }: PlacedCall): void {
    switch (call.kind) {
      case "make":
        return this.#name({ path: call.path, file: "folder" })
      case "create": {
        const file = this.#names.get(call.path)
        if (file === undefined) this.#name({ path: call.path, file: { safe: Buffer.alloc(0), unsafe: [], size: 0 } })
        else if (call.isEmptied) this.#truncate(this.#file(call.path), 0, ended)
        return
      }
      case "write": {
        const file = this.#names.get(call.path)
        if (file === undefined && call.path.endsWith(" (deleted)")) return
        return this.#write(this.#file(call.path), call.bytes, call.at, ended)
      }
      case "truncate":
        return this.#truncate(this.#file(call.path), call.size, ended)
      case "rename":
        return this.#name({ path: call.path, from: call.from, file: this.#file(call.from) })
      case "remove":
        return this.#name({ path: call.path, file: undefined })
      case "sync":
        if (call.path === this.#root || this.#names.get(call.path) === "folder") return this.#syncFolder(call.path)
        return this.#syncFile(this.#file(call.path), began)
    }
  }

  /** Files that are not safe, or whose names are not. */
  get isAllSafe(): boolean {
    if (this.#namings.length > 0) return false
    return [...this.#names.values()].every((file) => file === "folder" || file.unsafe.length === 0)
  }

  /** Builds the folder as a loss of power would leave it. @param into takes the place of the root. */
  async build(into: string, leftovers: Leftovers, random: SeededRandom): Promise<void> {
    const names = new Map(this.#safeNames)
    const kept =
      leftovers === "nothing" ? 0 : leftovers === "some" ? random.below(this.#namings.length + 1) : this.#namings.length
    for (const naming of this.#namings.slice(0, kept)) apply(names, naming)
    for (const [path, file] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const place = join(into, path.slice(this.#root.length))
      if (file === "folder") await mkdir(place, { recursive: true })
      // A name may be on the disk without its folder's, which is then not there to be found.
      else if (isThere(names, dirname(path), this.#root)) await writeFile(place, contentOf(file, leftovers, random))
    }
  }

  #name(naming: Naming): void {
    this.#namings.push(naming)
    apply(this.#names, naming)
  }

  #file(path: string): File {
    const file = this.#names.get(path)
    if (file === undefined || file === "folder") throw new Error(`no file is called ${path}`)
    return file
  }

  #write(file: File, bytes: Buffer, at: number = file.size, ended: number): void {
    file.unsafe.push({ kind: "write", at, bytes, ended })
    file.size = Math.max(file.size, at + bytes.length)
  }

  #truncate(file: File, at: number, ended: number): void {
    file.unsafe.push({ kind: "truncate", at, ended })
    file.size = at
  }

  #syncFile(file: File, began: number): void {
    const safe = file.unsafe.filter(({ ended }) => ended < began)
    file.safe = after(file.safe, safe)
    file.unsafe = file.unsafe.filter(({ ended }) => ended >= began)
  }

  #syncFolder(folder: string): void {
    const [safe, rest]: [Naming[], Naming[]] = [[], []]
    for (const naming of this.#namings) (dirname(naming.path) === folder ? safe : rest).push(naming)
    for (const naming of safe) apply(this.#safeNames, naming)
    this.#namings = rest
  }
}

function apply(names: Map<string, File | "folder">, { path, from, file }: Naming): void {
  if (from !== undefined) names.delete(from)
  if (file === undefined) names.delete(path)
  else names.set(path, file)
}

function isThere(names: ReadonlyMap<string, unknown>, folder: string, root: string): boolean {
  return folder === root || (names.has(folder) && isThere(names, dirname(folder), root))
}

function contentOf(file: File, leftovers: Leftovers, random: SeededRandom): Buffer {
  switch (leftovers) {
    case "nothing":
    case "names":
      return file.safe
    case "everything":
      return after(file.safe, file.unsafe)
    case "zeros":
      return after(
        file.safe,
        file.unsafe.map((change) =>
          change.kind === "write" && change.at >= file.safe.length
            ? { ...change, bytes: Buffer.alloc(change.bytes.length) }
            : change,
        ),
      )
    case "some": {
      const kept = file.unsafe.slice(0, random.below(file.unsafe.length + 1))
      const last = kept.at(-1)
      if (last?.kind !== "write") return after(file.safe, kept)
      // The last one is torn where a sector ends.
      const end = last.at + random.below(last.bytes.length + 1)
      const length = Math.max(0, end - (end % SECTOR_BYTES) - last.at)
      return after(file.safe, [...kept.slice(0, -1), { ...last, bytes: last.bytes.subarray(0, length) }])
    }
  }
}

function after(before: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length === 0) return before
  let size = before.length
  let capacity = size
  for (const change of changes) {
    size = change.kind === "truncate" ? change.at : Math.max(size, change.at + change.bytes.length)
    capacity = Math.max(capacity, size)
  }
  const content = Buffer.alloc(capacity)
  before.copy(content)
  let end = before.length
  for (const change of changes) {
    if (change.kind === "truncate") {
      content.fill(0, change.at, end)
      end = change.at
    } else {
      change.bytes.copy(content, change.at)
      end = Math.max(end, change.at + change.bytes.length)
    }
  }
  return content.subarray(0, end)
}
