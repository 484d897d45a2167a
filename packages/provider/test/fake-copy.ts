import { settle } from "@quire/testing"
import type { CopyBatch, DeviceCopy, LoadedCopy } from "../src/index.js"
import { textOf } from "./fake-network.js"

/** A device without anything of the document. */
export const NO_COPY: LoadedCopy = { updates: [], isKnown: false, resume: undefined, waiting: [] }

/** A copy in memory whose writes end when the test says so. */
export interface FakeCopy {
  readonly copy: DeviceCopy
  /** What was written, oldest first. */
  readonly written: CopyBatch[]
  /** What was asked to be forgotten: the writers. */
  readonly forgotten: (readonly number[])[]
  /** How many writes are under way. */
  underWay(): number
  /** The text that the written updates make. */
  text(): string
  /** Lets the writes under way end well. */
  finish(): Promise<void>
  /** Lets them fail. */
  fail(why?: string | Error): Promise<void>
  /** Somebody deletes the copy. */
  lose(): void
}

export function createCopy(loaded: Partial<LoadedCopy> = {}): FakeCopy {
  const written: CopyBatch[] = []
  const forgotten: (readonly number[])[] = []
  const underWay: { batch: CopyBatch; resolve: () => void; reject: (error: Error) => void }[] = []
  let lost: () => void = () => undefined
  return {
    copy: {
      load: async () => ({ ...NO_COPY, ...loaded }),
      write: (batch) => new Promise((resolve, reject) => underWay.push({ batch, resolve, reject })),
      forget: async (writers) => {
        forgotten.push(writers)
      },
      subscribe: (listener) => {
        lost = listener
        return () => undefined
      },
    },
    written,
    forgotten,
    underWay: () => underWay.length,
    text: () => textOf([...(loaded.updates ?? []), ...written.flatMap(({ updates }) => updates)]),
    finish: async () => {
      for (const { batch, resolve } of underWay.splice(0)) {
        written.push(batch)
        resolve()
      }
      await settle()
    },
    fail: async (why = "quota") => {
      for (const { reject } of underWay.splice(0)) reject(typeof why === "string" ? new Error(why) : why)
      await settle()
    },
    lose: () => lost(),
  }
}
