import { describe, expect, it } from "vitest"
import { describeReport, type StorageReport } from "../src/index.js"
import { name, seq } from "./world.js"

const a = name("plan")

describe("describeReport", () => {
  it.each<[StorageReport, readonly string[]]>([
    [{ kind: "lost-tail", document: a, acknowledged: seq(9), found: seq(7) }, ['"plan"', "9", "7"]],
    [{ kind: "lost-tail", document: undefined, acknowledged: seq(1), found: seq(0) }, ["just before the stop"]],
    [{ kind: "lost-batches", acknowledged: 31, found: 29 }, ["31", "29"]],
    [{ kind: "document-damaged", document: a, reason: "it is missing" }, ['"plan"', "it is missing"]],
    [{ kind: "document-damaged", document: undefined, reason: "it is missing" }, ["A document"]],
    [{ kind: "compaction-failed", document: a, reason: "no worker", retryMs: 60_000 }, ['"plan"', "no worker", "60 s"]],
    [{ kind: "ledger-replaced", reason: "it was missing" }, ["it was missing"]],
    [{ kind: "ledger-failed", reason: "EIO" }, ["EIO"]],
  ])("says what an operator needs to know of %o", (report, parts) => {
    for (const part of parts) expect(describeReport(report)).toContain(part)
  })
})
