// Promises taken out of a copy of the sources, each of which the simulation must miss: [file, from, to].
export default [
  {
    what: "one record is left out of a document when it is loaded after a crash",
    edits: [
      [
        "storage/src/document-reader.ts",
        "tail.push(decodeRecord(value, { document, sequence }))",
        "if (sequence < head.sequence) tail.push(decodeRecord(value, { document, sequence }))",
      ],
      [
        "storage/src/document-reader.ts",
        "checkGapFree(head, tail, { after: head.snapshotSequence, from: feedRecords })",
        "",
      ],
    ],
  },
  {
    what: "acknowledged before it is written",
    edits: [
      ["sync/src/acknowledgements.ts", "entry.sequence > durable) break", "false) break"],
      ["sync/src/fan-out.ts", "if (this.#durable.sequence >= sequence) this.#settleSoon()", "this.#settleSoon()"],
    ],
  },
  {
    what: "batches are not synced",
    edits: [["storage/src/store.ts", "{ sync: true }", "{ sync: false }"]],
  },
  {
    what: "a tab takes the client id of the one before it",
    edits: [["sim/native-client.ts", "ydoc.clientID = randomClientId(random)", "ydoc.clientID = this.actor"]],
  },
  {
    what: "appended out of order",
    edits: [["storage/src/commit-queue.ts", "this.#waiting.push(commit)", "this.#waiting.unshift(commit)"]],
  },
  {
    what: "a sequence on a fanned-out frame is believed",
    edits: [
      [
        "provider/src/exchange.ts",
        "sequence: message.sequence, checksum: message.checksum }",
        "sequence: message.head, checksum: message.checksum }",
      ],
      ["sync/src/room.ts", "token.sequence > durable.sequence", "false"],
      ["sync/src/room.ts", "known.checksum === token.checksum ?", "true ?"],
    ],
  },
  {
    what: "others' updates are not handed back",
    edits: [
      [
        "provider/src/exchange.ts",
        "const update = Y.encodeStateAsUpdate(this.#options.ydoc, link.serverVector)",
        "const isNeeded = this.#outbox.entries.length > 0\n    const update = isNeeded ? Y.encodeStateAsUpdate(this.#options.ydoc, link.serverVector) : Uint8Array.of(0, 0)",
      ],
    ],
  },
  {
    what: "an edit made during the repair of the device's copy is forgotten",
    edits: [
      [
        "provider/src/device-copy-keeper.ts",
        "if (this.#isBehind && !this.#isUnderWay) return",
        "if (this.#isBehind) return",
      ],
    ],
  },
  {
    what: "deletions are not news",
    edits: [["sync/src/knowledge.ts", "vector.size === 0 && deletions.length === 0", "vector.size === 0"]],
  },
  {
    what: "anybody may write under the client id of somebody who is here",
    edits: [
      [
        "sync/src/owners.ts",
        'if (owner === undefined || owner === session || owner.grant !== "write") return true',
        "return true",
      ],
    ],
  },
  {
    what: "what others hand back of somebody who has left is not taken",
    edits: [["sync/src/owners.ts", "if (this.#byClient.get(client) === session) this.#byClient.delete(client)", ""]],
  },
  {
    what: "who brought another's structs is not asked again",
    edits: [["sync/src/owners.ts", "this.#room.ask(session)", ""]],
  },
  {
    what: "a stop is told as a fault",
    edits: [["sync/src/rooms.ts", "if (this.#isClosing) return undefined\n      throw error", "throw error"]],
  },
]
