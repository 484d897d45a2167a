import type { Fold } from "@quire/storage"
import type { Merging } from "@quire/sync"
import { Tinypool } from "tinypool"
import type { Job } from "./jobs.js"
import { type JobResults, runJob } from "./run-job.js"

/**
 * Jobs up to this many bytes and updates take a few milliseconds at most: sending them away would cost more, and the first
 * to open a document would wait for a thread to start.
 */
const SMALL_BYTES = 32_768
const SMALL_COUNT = 512

/** Work on update bytes: small jobs here, large ones and all folding in a worker thread. */
export class MergeWorkers implements Merging {
  readonly #pool = new Tinypool({
    filename: new URL("./merge-worker.js", import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 30_000,
  })

  merge(updates: readonly Uint8Array[]): Promise<Uint8Array> {
    return this.#run({ kind: "merge", updates }, updates)
  }

  difference(update: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array> {
    return this.#run({ kind: "difference", update, stateVector }, [update])
  }

  separate(base: readonly Uint8Array[], update: Uint8Array): Promise<JobResults["separate"]> {
    return this.#pool.run({ kind: "separate", base: base.map(whole), update: whole(update) } satisfies Job)
  }

  /** The text of a page as markup: see `pageMarkup`. Always in a thread, because the text is as long as people like. */
  page(updates: readonly Uint8Array[]): Promise<string> {
    return this.#pool.run({ kind: "page", updates: updates.map(whole) } satisfies Job)
  }

  /** The fold that storage compacts with. */
  readonly fold: Fold = async ({ kind, snapshot, records }) => {
    const job: Job = {
      kind: "fold",
      documentKind: kind,
      snapshot: snapshot === undefined ? undefined : whole(snapshot.update),
      records: records.map(({ author, timeMs, payload }) => ({ author, timeMs, payload: whole(payload) })),
    }
    return this.#pool.run(job)
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #run<K extends "merge" | "difference">(
    job: Job & { readonly kind: K },
    inputs: readonly Uint8Array[],
  ): Promise<JobResults[K]> {
    const sizeBytes = inputs.reduce((sum, { length }) => sum + length, 0)
    if (sizeBytes <= SMALL_BYTES && inputs.length <= SMALL_COUNT) return runJob(job) as JobResults[K] // by its kind
    return this.#pool.run(withWholeArrays(job))
  }
}

function withWholeArrays(job: Job): Job {
  if (job.kind === "merge") return { ...job, updates: job.updates.map(whole) }
  if (job.kind === "difference") return { ...job, update: whole(job.update) }
  return job
}

/** The bytes in an array buffer of their own: a view into a large one would be sent with all of it. */
function whole(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}
