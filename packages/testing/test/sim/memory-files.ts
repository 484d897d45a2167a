import { Buffer } from "node:buffer"

/*
 * A double of the part of node:fs/promises that the storage package uses. It answers at once, so that a run depends on
 * its seed only, and it forgets at a loss of power what was not synced. Paths begin with the world's folder.
 */

interface StoredFile {
  now: Buffer
  /** What a loss of power leaves. */
  synced: Buffer
}

const files = new Map<string, StoredFile>()
const folders = new Set<string>()
const fullFolders = new Set<string>()

/** Says whether the disk under a folder has room. */
export function setFull(folder: string, isFull: boolean): void {
  if (isFull) fullFolders.add(folder)
  else fullFolders.delete(folder)
}

/** The machine loses power: what was not synced is gone. */
export function losePower(folder: string): void {
  for (const [path, file] of files) if (path.startsWith(folder)) file.now = Buffer.from(file.synced)
}

/** The world is over. */
export function forget(folder: string): void {
  for (const path of files.keys()) if (path.startsWith(folder)) files.delete(path)
  folders.delete(folder)
  fullFolders.delete(folder)
}

export async function mkdir(path: string): Promise<void> {
  folders.add(path)
}

export async function readdir(path: string): Promise<string[]> {
  if (!folders.has(path)) throw missing(path)
  const prefix = `${path}/`
  return [...files.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}

export async function readFile(path: string, _encoding: "utf8"): Promise<string> {
  return fileAt(path).now.toString("utf8")
}

export async function rename(from: string, to: string): Promise<void> {
  files.set(to, fileAt(from))
  files.delete(from)
}

export async function stat(path: string): Promise<{ size: number }> {
  return { size: fileAt(path).now.length }
}

export async function statfs(path: string): Promise<{ bavail: number; bsize: number }> {
  return { bavail: fullFolders.has(path) ? 0 : 1_000_000, bsize: 4_096 }
}

export async function unlink(path: string): Promise<void> {
  fileAt(path)
  files.delete(path)
}

export async function open(path: string, flags: "r" | "r+" | "w" | "wx+"): Promise<Handle> {
  if (flags === "r" && folders.has(path)) return new Handle({ now: Buffer.alloc(0), synced: Buffer.alloc(0) })
  if (flags === "r" || flags === "r+") return new Handle(fileAt(path))
  const file = { now: Buffer.alloc(0), synced: Buffer.alloc(0) }
  files.set(path, file)
  return new Handle(file)
}

class Handle {
  readonly #file: StoredFile

  constructor(file: StoredFile) {
    this.#file = file
  }

  async readFile(): Promise<Buffer> {
    return Buffer.from(this.#file.now)
  }

  async writeFile(content: string | Uint8Array): Promise<void> {
    this.#file.now = Buffer.from(content)
  }

  async truncate(size: number): Promise<void> {
    this.#file.now = this.#file.now.subarray(0, size)
  }

  async write(from: Buffer, offset: number, length: number, position: number): Promise<void> {
    const end = position + length
    if (this.#file.now.length < end) {
      this.#file.now = Buffer.concat([this.#file.now, Buffer.alloc(end - this.#file.now.length)])
    }
    from.copy(this.#file.now, position, offset, offset + length)
  }

  async sync(): Promise<void> {
    this.#file.synced = Buffer.from(this.#file.now)
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
}

function fileAt(path: string): StoredFile {
  const file = files.get(path)
  if (file === undefined) throw missing(path)
  return file
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: "ENOENT" })
}

/** What only the doctor does, and no run: it is here because its module is bundled with the others. */
async function notInRuns(): Promise<never> {
  throw new Error("the simulation has no doctor")
}

export { notInRuns as cp, notInRuns as mkdtemp, notInRuns as rm, notInRuns as symlink, notInRuns as writeFile }
