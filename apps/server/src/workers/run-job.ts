import {
  authorshipOf,
  differenceFrom,
  encodeAuthorship,
  type Folded,
  foldUpdates,
  mergeUpdates,
  pageMarkup,
  separateUpdate,
} from "@quire/document"
import type { Job } from "./jobs.js"

/** What a fold gives: the snapshot, and who wrote what in the folded records. */
export type FoldedWithAuthors = Folded & { readonly authorship: Uint8Array }

/** The answer to each kind of job. */
export interface JobResults {
  readonly merge: Uint8Array
  readonly difference: Uint8Array
  readonly page: string
  readonly separate: ReturnType<typeof separateUpdate>
  readonly fold: FoldedWithAuthors
}

/** Does a job. Runs in a worker thread, or here when the job is small. */
export function runJob(job: Job): JobResults[Job["kind"]] {
  switch (job.kind) {
    case "merge":
      return mergeUpdates(job.updates)
    case "difference":
      return differenceFrom(job.update, job.stateVector)
    case "page":
      return pageMarkup(job.updates)
    case "separate":
      return separateUpdate(job.base, job.update)
    case "fold": {
      const payloads = job.records.map(({ payload }) => payload)
      const updates = job.snapshot === undefined ? payloads : [job.snapshot, ...payloads]
      // A plain document's clients may keep Yjs snapshots, which need the deleted content.
      const folded = foldUpdates(updates, job.documentKind === "page")
      return { ...folded, authorship: encodeAuthorship(authorshipOf(job.snapshot, job.records)) }
    }
  }
}
