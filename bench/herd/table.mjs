/** The figures of a herd as a page for `bench/results`. */
export function herdTable({ clients, documents, cores, openedMs, steady, afterKill, afterStop, broken }) {
  const row = (what, of) => `| ${what} | ${of(afterKill)} | ${of(afterStop)} |`
  const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`
  const mebibytes = (bytes) => `${Math.round(bytes / 1_048_576)} MiB`
  const hints = ({ hintsMs }) =>
    hintsMs === undefined ? "none" : `${hintsMs.count}: ${seconds(hintsMs.shortest)} to ${seconds(hintsMs.longest)}`
  return [
    `# A herd of ${clients} comes back`,
    "",
    `${clients} native clients in ${documents} documents, one writer in each, on ${cores} cores that server and clients`,
    "share. Times count from the moment when the server listens again; the waits between attempts are the provider's.",
    "`npm run herd:long` makes this page.",
    "",
    "| | after `kill -9` | after SIGTERM while people type |",
    "| --- | --- | --- |",
    row("the server ended within", ({ stopMs }) => (stopMs === undefined ? "at once" : seconds(stopMs))),
    row("half are back and in sync", ({ halfBackMs }) => seconds(halfBackMs)),
    row("95 % are", ({ mostBackMs }) => seconds(mostBackMs)),
    row("all are", ({ allBackMs }) => seconds(allBackMs)),
    row("attempts while nobody listened", ({ refused }) => refused),
    row("told to come a little later (1013)", ({ toldToComeLater }) => toldToComeLater),
    row("hints when to come back", hints),
    row("dropped a second time", ({ droppedAgain }) => droppedAgain),
    row("loads of documents, most of one", ({ loads }) => `${loads.total}, ${loads.most}`),
    row("event loop late by, p50", ({ lag }) => `${lag.p50Ms} ms`),
    row("p99", ({ lag }) => `${lag.p99Ms} ms`),
    row("longest", ({ lag }) => `${lag.longestMs} ms`),
    row("memory, highest", ({ peakBytes }) => mebibytes(peakBytes)),
    "",
    `Before: all were in after ${seconds(openedMs)}; memory ${mebibytes(steady.rssBytes)}, event loop late by p99`,
    `${steady.lag.p99Ms} ms (its resolution is 10 ms, so 10 ms means on time).`,
    "",
    broken.length === 0
      ? "No edit was lost or doubled: every client had every letter, and a newcomer found each text as it was typed."
      : `Broken: ${broken.join("; ")}.`,
    "",
  ].join("\n")
}
