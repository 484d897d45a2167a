import { open } from "node:fs/promises"

/*
 * What strace wrote down (`-f -y -xx`), as changes of files. Calls of all threads and processes are in one order: that in
 * which the kernel was done with them.
 */

/** The calls to be traced: whatever changes files, names, or their safety. */
export const TRACED =
  "openat,open,creat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,truncate,mkdir,mkdirat,rmdir,fallocate,link,symlink,copy_file_range,msync"

/** One change. Paths are absolute. */
export type Call =
  /** A file was opened to be made if it was not there, and emptied if `isEmptied`. */
  | { readonly kind: "create"; readonly path: string; readonly isEmptied: boolean }
  | { readonly kind: "make"; readonly path: string }
  /** Bytes at a place; without one, at the file's end. */
  | { readonly kind: "write"; readonly path: string; readonly bytes: Buffer; readonly at: number | undefined }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  /** What was done before the call began is safe. @see Call.began */
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly path: string }
  | { readonly kind: "remove"; readonly path: string }

/** A call with its place in the trace. */
export interface PlacedCall {
  readonly call: Call
  /** The line at which it began; calls that ended before it were done. */
  readonly began: number
  /** The line at which it ended. */
  readonly ended: number
}

/**
 * Reads a trace. Calls that failed, and those about other files, are left out.
 *
 * @param below the file, or the folder with all that is in it, that the calls are to be about.
 * @throws if a call changes one of those files in a way that is not understood here.
 */
export async function readTrace(trace: string, below: string): Promise<PlacedCall[]> {
  const calls: PlacedCall[] = []
  const unfinished = new Map<string, { readonly text: Buffer; readonly began: number }>()
  const needle = Buffer.from(hexOf(below))
  let number = 0
  for await (const line of linesOf(trace)) {
    const ended = number++
    const space = line.indexOf(" ")
    const thread = line.toString("latin1", 0, space)
    let text = line.subarray(line.findIndex((byte, at) => at > space && byte !== 0x20))
    let began = ended
    if (text.subarray(-UNFINISHED.length).equals(UNFINISHED)) {
      unfinished.set(thread, { text: text.subarray(0, -UNFINISHED.length), began })
      continue
    }
    if (text.subarray(0, 5).equals(RESUMED)) {
      const first = unfinished.get(thread)
      unfinished.delete(thread)
      if (first === undefined) continue
      text = Buffer.concat([first.text, text.subarray(text.indexOf("resumed>") + 8)])
      began = first.began
    }
    // Most lines are about sockets, and long.
    if (!text.subarray(0, 1_000).includes(needle)) continue
    const call = read(text.toString("latin1"))
    if (call !== undefined && (call.path === below || call.path.startsWith(`${below}/`)))
      calls.push({ call, began, ended })
  }
  return calls
}

const UNFINISHED = Buffer.from(" <unfinished ...>")
const RESUMED = Buffer.from("<... ")

async function* linesOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, "r")
  try {
    let rest: Buffer[] = []
    for (const chunk = Buffer.alloc(1 << 20); ; ) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length)
      if (bytesRead === 0) return
      let from = 0
      for (let at = chunk.indexOf(10); at !== -1 && at < bytesRead; at = chunk.indexOf(10, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, at)])
        rest = []
        from = at + 1
      }
      rest.push(Buffer.from(chunk.subarray(from, bytesRead)))
    }
  } finally {
    await file.close()
  }
}

/** One finished call; `undefined` if it failed or changes nothing. */
function read(text: string): Call | undefined {
  const [, name = "", inside = "", result = ""] = /^(\w+)\((.*)\)\s+= (-?\d+.*)$/s.exec(text) ?? []
  if (name === "" || result.startsWith("-")) return undefined
  const paths = [...inside.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = ""]) => bytesOf(hex).toString())
  const handle = bytesOf(/^\d+<([^>]*)>/.exec(inside)?.[1] ?? "").toString()
  const [path = "", second = ""] = paths
  switch (name) {
    case "openat": {
      if (!inside.includes("O_CREAT") && !inside.includes("O_TRUNC")) return undefined
      const opened = bytesOf(/<([^>]*)>/.exec(result)?.[1] ?? "").toString()
      return { kind: "create", path: opened, isEmptied: inside.includes("O_TRUNC") }
    }
    case "mkdir":
      return { kind: "make", path }
    case "write":
    case "pwrite64": {
      const bytes = bytesOf(/"((?:\\x[0-9a-f]{2})*)"/.exec(inside)?.[1] ?? "").subarray(0, Number.parseInt(result, 10))
      const at = name === "write" ? undefined : Number(/, (\d+)$/.exec(inside)?.[1])
      return { kind: "write", path: handle, bytes, at }
    }
    case "ftruncate":
      return { kind: "truncate", path: handle, size: Number(/, (\d+)$/.exec(inside)?.[1]) }
    case "fsync":
    case "fdatasync":
      return { kind: "sync", path: handle }
    case "rename":
      return { kind: "rename", from: path, path: second }
    case "unlink":
      return { kind: "remove", path }
    default:
      throw new Error(`${name} is not understood: ${text.slice(0, 200)}`)
  }
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex")
}

function hexOf(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")
}
