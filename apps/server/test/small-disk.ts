import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A disk that is soon full, and that can be given space. */
export interface SmallDisk {
  /** The data folder on it. */
  readonly folder: string
  /** Characters of an edit of which some fit on it, and not many. */
  readonly editLength: number
  /** Lets a running server feel the disk's size: a data folder is first made while there is space. */
  readonly begin: (pid: number | undefined) => void
  /** The command that a server must run under to feel the disk's size, once it has begun. */
  readonly under: () => readonly string[]
  /** Gives it space. @param pid the server that runs, if one does. */
  free(pid: number | undefined): void
  /** Takes it away. */
  close(): void
}

/**
 * The kernel's limit on the size of a file: works for everybody, as far as the tool `prlimit` is there (Linux). Smaller
 * than what the log writes to find out whether the disk takes writes again, so that it finds that it does not.
 */
const LIMIT_BYTES = 48 * 1024
/** Together with the ballast, all there is. LevelDB needs as much again as it holds to open after a crash. */
const TMPFS_BYTES = 24 * 1024 * 1024
const BALLAST_BYTES = 18 * 1024 * 1024

/** A disk whose files cannot grow beyond 48 KiB: real writes of LevelDB really fail (EFBIG). */
export function limitFileSize(): SmallDisk & { readonly limitBytes: number } {
  const folder = mkdtempSync(join(tmpdir(), "quire-limited-"))
  let limit: string | undefined
  const apply = (pid: number | undefined): void => {
    if (pid !== undefined) execFileSync("prlimit", ["--pid", String(pid), limit ?? "--fsize=unlimited:unlimited"])
  }
  return {
    folder,
    editLength: 3_000,
    limitBytes: LIMIT_BYTES,
    begin: (pid) => {
      limit = `--fsize=${LIMIT_BYTES}:unlimited`
      apply(pid)
    },
    under: () => (limit === undefined ? [] : ["prlimit", limit]),
    free: (pid) => {
      limit = undefined
      apply(pid)
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/**
 * A file system of 24 MiB in memory, three quarters of it taken by a ballast file (ENOSPC).
 *
 * @param extraBytes more ballast: it decides in the middle of which record the space ends.
 * @returns `undefined` where this process may not mount.
 */
export function mountSmallDisk(extraBytes: number): SmallDisk | undefined {
  const mountPoint = mkdtempSync(join(tmpdir(), "quire-tmpfs-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${TMPFS_BYTES}`, "quire-test", mountPoint], { stdio: "ignore" })
  } catch {
    // Not permitted, or no Linux: the limit on file sizes has to do.
    rmSync(mountPoint, { recursive: true })
    return undefined
  }
  const ballast = join(mountPoint, "ballast")
  const folder = join(mountPoint, "data")
  mkdirSync(folder)
  writeFileSync(ballast, new Uint8Array(BALLAST_BYTES + extraBytes))
  return {
    folder,
    editLength: 24_000,
    begin: () => undefined,
    under: () => [],
    free: () => rmSync(ballast, { force: true }),
    close: () => {
      execFileSync("umount", [mountPoint])
      rmSync(mountPoint, { recursive: true })
    },
  }
}
