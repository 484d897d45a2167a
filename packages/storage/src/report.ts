import type { DocumentId, Sequence } from "@quire/base"

/** Something the operator should read: what was lost, damaged or put off. Nothing here stops the log. */
export type StorageReport =
  | {
      /** A document's log ends before a record that had been acknowledged. */
      readonly kind: "lost-tail"
      /** Its name; `undefined` if nothing is left of it but its acknowledgement. */
      readonly document: DocumentId | undefined
      /** Sequence of the last record known to have been acknowledged. */
      readonly acknowledged: Sequence
      /** Sequence at which the log ends; 0: nothing is left. */
      readonly found: Sequence
    }
  | {
      /** The level ends before a batch that had been acknowledged. Documents it touched follow as `lost-tail`. */
      readonly kind: "lost-batches"
      /** Number of the last acknowledged batch. */
      readonly acknowledged: number
      /** Number of the last batch in the level. */
      readonly found: number
    }
  | {
      /** A document's stored bytes are missing or wrong. It is refused; all others are served. */
      readonly kind: "document-damaged"
      /** Its name; `undefined` if that is what is damaged. */
      readonly document: DocumentId | undefined
      /** What is wrong, as a clause. */
      readonly reason: string
    }
  | {
      /** Something about accounts or rights is damaged. It is left out, which gives nobody anything. */
      readonly kind: "directory-damaged"
      /** What is wrong, as a clause. */
      readonly reason: string
    }
  | {
      /** A document could not be compacted; nothing is lost, its tail stays long. */
      readonly kind: "compaction-failed"
      /** Its name. */
      readonly document: DocumentId
      /** What went wrong. */
      readonly reason: string
      /** Milliseconds until it may be tried again, with the next append. */
      readonly retryMs: number
    }
  | {
      /** The ledger was missing or damaged and was made anew: losses before now may go unnoticed. */
      readonly kind: "ledger-replaced"
      /** What was wrong with it. */
      readonly reason: string
    }
  | {
      /** The ledger cannot be written. Appends go on; a loss from now on may go unnoticed. */
      readonly kind: "ledger-failed"
      /** What went wrong. */
      readonly reason: string
    }

/** A report as one sentence or two for a log line. */
export function describeReport(report: StorageReport): string {
  switch (report.kind) {
    case "lost-tail": {
      const name =
        report.document === undefined ? "A document first written just before the stop" : quoted(report.document)
      return `${name} lost its end: record ${report.acknowledged} was acknowledged, the log ends at ${report.found}. Clients that still hold the text send it again; otherwise restore a backup beside it.`
    }
    case "lost-batches":
      return `The disk lost the log's end: batch ${report.acknowledged} was acknowledged, the level ends at ${report.found}.`
    case "document-damaged":
      return `${report.document === undefined ? "A document" : quoted(report.document)} is damaged and is not served: ${report.reason}.`
    case "directory-damaged":
      return `Something about accounts or rights is damaged and is not used: ${report.reason}.`
    case "compaction-failed":
      return `${quoted(report.document)} could not be compacted: ${report.reason}. Nothing is lost; tried again in ${Math.round(report.retryMs / 1000)} s at the earliest.`
    case "ledger-replaced":
      return `The ledger of acknowledged batches was made anew: ${report.reason}. A loss before this start may have gone unnoticed.`
    case "ledger-failed":
      return `The ledger of acknowledged batches cannot be written: ${report.reason}. Edits are saved all the same.`
  }
}

function quoted(document: DocumentId): string {
  return `"${document}"`
}
