const PROTOCOL = "packages/protocol/test/limits.test.ts"
const SYNC = "packages/sync/test"
const STORAGE = "packages/storage/test"
const PROVIDER = "packages/provider/test"
const SERVER = "apps/server/test"
const HERE = `${SERVER}/limits.test.ts`

/** Which test drives each row of docs/limits.md: the file, and a text that stands in it. */
export const PROOFS: Readonly<Record<string, readonly [file: string, text: string]>> = {
  "On the wire: bytes of one message": [PROTOCOL, '"bytes of one message"'],
  "On the wire: bytes of one message before it is read": [
    `${SERVER}/hostile-frames.test.ts`,
    "and 1009 if it is far over",
  ],
  "On the wire: bytes of one presence message": [PROTOCOL, '"bytes of one presence message"'],
  "On the wire: one client's presence state, in UTF-16 units of its JSON": [
    `${SYNC}/limits.test.ts`,
    "[P4] is passed on up to",
  ],
  "On the wire: bytes of a token": [PROTOCOL, '"bytes of a token"'],
  "On the wire: bytes of a hello": [`${SYNC}/limits.test.ts`, "what comes before hello"],
  "On the wire: new tokens looked at on one connection": [
    `${SYNC}/rights.test.ts`,
    "is looked at once a second at most",
  ],
  "On the wire: structs in one update": [PROTOCOL, '"structs in one update"'],
  "On the wire: client ids in one update": [PROTOCOL, '"client ids in one update"'],
  "On the wire: deletion ranges in one update": [PROTOCOL, '"deletion ranges in one update"'],
  "On the wire: clocks by which one update carries a client on": [`${SYNC}/owners.test.ts`, "[R8]"],
  "On the wire: a clock": ["packages/protocol/test/clock-limit.test.ts", "refuses structs that reach clock 2^31"],
  "On the wire: bytes of one string in an update": [PROTOCOL, '"bytes of one string in an update"'],
  "On the wire: bytes of a key (root, attribute, mark)": [PROTOCOL, '"bytes of a key"'],
  "On the wire: nesting of values and JSON": [PROTOCOL, '"nesting of JSON"'],
  "On the wire: bytes of a document's name": [PROTOCOL, "a document's name"],
  "On the wire: bytes of a close reason": [HERE, "has room for 123 bytes"],
  "At the entrance: connections in all": [`${SERVER}/network/entrance.test.ts`, "further ones are refused"],
  "At the entrance: connections of one address; this machine's own is not counted": [
    `${SERVER}/network/entrance.test.ts`,
    "are as many as are allowed, whatever the others have",
  ],
  "At the entrance: people let in at once after a pause": [
    `${SYNC}/admission.test.ts`,
    "[O4] lets everybody in at once",
  ],
  "At the entrance: people let in a second": [`${SYNC}/admission.test.ts`, "[O4] is never faster than its rate"],
  "At the entrance: people waiting for their turn": [`${SYNC}/admission.test.ts`, "whoever finds the queue full"],
  "At the entrance: frames of one socket": [`${SYNC}/limits.test.ts`, "[C6] is read up to so many frames at once"],
  "At the entrance: bytes of one socket": [`${SYNC}/limits.test.ts`, "[C6] is read up to so many bytes at once"],
  "At the entrance: documents read at once": [`${SYNC}/crowd.test.ts`, "[O6] reads eight documents at once"],
  "At the entrance: memory: first threshold": [
    `${SYNC}/memory-guard.test.ts`,
    "[O5] saves from its first threshold on",
  ],
  "At the entrance: memory: second threshold": [`${SYNC}/memory-guard.test.ts`, "refuses from its second"],
  "In a room: bytes of a document: its snapshot and what follows it": [
    `${SYNC}/room.test.ts`,
    "[R7] takes no more structs",
  ],
  "In a room: bytes accepted and not on disk": [
    `${SYNC}/room.test.ts`,
    "[R6] stops reading from writers over the bound",
  ],
  "In a room: newest updates kept in memory": [
    `${SYNC}/join.test.ts`,
    "[J1] replays from the log what memory has forgotten",
  ],
  "In a room: merged states kept for joiners": [`${SYNC}/merged-states.test.ts`, "once more than the budget is kept"],
  "In a room: bytes queued to a reader: no presence": [`${SYNC}/room.test.ts`, "[F6] gives a slow reader no presence"],
  "In a room: bytes queued to a reader: one later difference": [`${SYNC}/room.test.ts`, "then one later difference"],
  "In a room: bytes queued to a reader: closed": [`${SYNC}/room.test.ts`, "[F6] closes a reader that stays behind"],
  "In a room: bytes kept of a client while its document opens": [
    `${SYNC}/limits.test.ts`,
    "[C2] is kept up to so many bytes",
  ],
  "In a room: bytes of updates put aside in a room": [`${SYNC}/limits.test.ts`, "[R2] puts aside so many bytes"],
  "In a room: sessions": [`${SYNC}/limits.test.ts`, "[O7] of a room are 2,000"],
  "In a room: sessions of one person, in all rooms": [`${SYNC}/limits.test.ts`, "[O7] are a hundred for a person"],
  "In a room: time to say hello": [`${SYNC}/connection.test.ts`, "within ten seconds"],
  "In a room: space between two flushes of a busy room": [`${SYNC}/room.test.ts`, "[F1] spaces them the further"],
  "In a room: wait of a busy room's flush for the disk": [
    `${SYNC}/room.test.ts`,
    "[F4] leaves the writers out when the commit is late",
  ],
  "In a room: presence of one room": [`${SYNC}/presence.test.ts`, "[P2] sends one message per room and window"],
  "In a room: presence that says nothing new": [`${SYNC}/presence.test.ts`, "at most every 10 s"],
  "In a room: `durable` alone": [`${SYNC}/room.test.ts`, "alone at most once a second"],
  "In a room: silence of the server": [`${SYNC}/room.test.ts`, "[F7] sends a quiet line something every 20 s"],
  "In a room: an empty room stays in memory": [
    `${SYNC}/connection.test.ts`,
    "forgets it some time after the last has left",
  ],
  "In a room: a computed difference": [
    `${SYNC}/join.test.ts`,
    "[J4] computes the difference where the snapshot is large",
  ],
  "In the store: bytes of values in one batch": [
    `${STORAGE}/document-log.test.ts`,
    "splits what waits into batches of about 4 MiB",
  ],
  "In the store: space between two batches of a busy store": [
    `${STORAGE}/document-log.test.ts`,
    "lets a busy store's batches gather",
  ],
  "In the store: tail before it is folded": [
    `${STORAGE}/compaction.test.ts`,
    "waits no longer than 2,000 body records",
  ],
  "In the store: folded records kept for resuming clients": [
    `${STORAGE}/compaction.test.ts`,
    "up to its bound, and no more",
  ],
  "In the store: document ends kept in memory": [
    `${STORAGE}/document-log.test.ts`,
    "forgets idle documents beyond its capacity",
  ],
  "In the store: acknowledgements the ledger remembers": [
    `${STORAGE}/batch-ledger.test.ts`,
    "is a ring: it never grows",
  ],
  "In the store: wait between attempts on a failing disk": [
    `${STORAGE}/failing-disk.test.ts`,
    "after 250 ms, doubling to 5 s",
  ],
  "In the store: wait before a failed fold is tried again": [
    `${STORAGE}/compactor.test.ts`,
    "reports a fold that fails",
  ],
  "Over HTTP: bytes of a request body": [HERE, "has a body of so many bytes"],
  "Over HTTP: a title": [HERE, "has a title of so many UTF-16 units"],
  "Over HTTP: bytes, number of a request's headers": [HERE, "has headers of so many bytes"],
  "Over HTTP: TCP connections without a complete request; with one that is being answered": [
    `${SERVER}/network/unfinished.test.ts`,
    "cuts the oldest of too many connections without a request",
  ],
  "Over HTTP: pings without an answer": [`${SERVER}/network/peers.test.ts`, "is noticed by the server"],
  "In the provider: bytes of one update, and of the document on first contact": [
    `${PROVIDER}/provider.test.ts`,
    "too large",
  ],
  "In the provider: its own presence": [`${PROVIDER}/presence.test.ts`, "ten a second at most"],
  "In the provider: wait between attempts": [`${PROVIDER}/backoff.test.ts`, "doubles up to the cap"],
  "In the provider: an attempt to connect": [`${PROVIDER}/provider.test.ts`, "gives up an attempt that does not open"],
  "In the provider: a silent connection": [`${PROVIDER}/provider.test.ts`, "notices a dead line within 10 s"],
  "In the provider: an edit without an acknowledgement": [`${PROVIDER}/provider.test.ts`, "says not saved after 5 s"],
  "In the provider: the device's copy loads": [
    `${PROVIDER}/device-copy.test.ts`,
    "does not wait for a copy that hangs",
  ],
  "In the provider: updates in the device's copy": [
    `${PROVIDER}/device-copy.test.ts`,
    "writes the copy anew as one update",
  ],
  "In the provider: copies on a device, for one person": [
    `${PROVIDER}/device-copy-eviction.test.ts`,
    "where there are too many",
  ],
  "In the provider: a title's save": ["apps/web/test/document/title-keeper.test.ts", "4_000"],
  "In the provider: keeping a text as a new document": [
    "apps/web/test/document/keep-as-new.test.ts",
    "gives up after 20 s",
  ],
  "In the provider: edits that build on something that never came": [
    `${PROVIDER}/pending-watch.test.ts`,
    "asks again for what received edits build on",
  ],
  "In the provider: a page shown because it cannot be edited here": [
    "packages/document/test/readable.test.ts",
    "says where it stops",
  ],
  "In the provider: notices kept": [`${PROVIDER}/status.test.ts`, "keeps the newest notices"],
  "Accounts and sharing: tries to sign in, for an e-mail address from one network address": [
    `${SERVER}/accounts.test.ts`,
    "are five a minute for an account",
  ],
  "Accounts and sharing: tries to sign in from one network address": [
    `${SERVER}/accounts.test.ts`,
    "and thirty for an address",
  ],
  "Accounts and sharing: links, invitations, set-up and reset links that there are not, from one network address": [
    `${SERVER}/sharing.test.ts`,
    "ten misses a minute from one address",
  ],
  "Accounts and sharing: network addresses and e-mail addresses for which tries are counted": [
    `${SERVER}/accounts.test.ts`,
    "are forgotten by and by, the oldest first",
  ],
  "Accounts and sharing: password hashes at once; waiting": [
    `${SERVER}/accounts.test.ts`,
    "are hashed a few at a time",
  ],
  "Accounts and sharing: a password": [`${SERVER}/accounts.test.ts`, "are taken from 10 to 256 characters"],
  "Accounts and sharing: a name, a link's label": [
    `${SERVER}/accounts.test.ts`,
    "are cleaned of what is not seen, and bounded",
  ],
  "Accounts and sharing: an e-mail address": [
    `${SERVER}/accounts.test.ts`,
    "are cleaned of what is not seen, and bounded",
  ],
  "Accounts and sharing: a session": [
    `${SERVER}/accounts.test.ts`,
    "end after 12 hours without use and 30 days in all",
  ],
  "Accounts and sharing: sessions of an account": [`${SERVER}/accounts.test.ts`, "are fifty of an account"],
  "Accounts and sharing: a link to choose a new password": [
    `${SERVER}/administrators.test.ts`,
    "is good for a day, and only the newest of an account",
  ],
  "Accounts and sharing: share links of a document": [`${SERVER}/sharing.test.ts`, "has a bounded number of siblings"],
  "Accounts and sharing: public pages": [`${SERVER}/public-page.test.ts`, "is one of so many"],
  "Accounts and sharing: readings of public pages by one address": [
    `${SERVER}/public-page.test.ts`,
    "is read by one address so many times a minute",
  ],
  "Accounts and sharing: a public page's text": ["packages/document/test/readable.test.ts", "READABLE_LIMITS"],
  "Accounts and sharing: a public page is made anew": [
    `${SERVER}/public-page.test.ts`,
    "are made once for all who ask",
  ],
  "Accounts and sharing: sessions; share links": [
    `${SERVER}/accounts.test.ts`,
    "of guests make room when there are too many",
  ],
  "Accounts and sharing: a right on an open socket is looked at again": [
    `${SERVER}/sharing.test.ts`,
    "looks again every minute",
  ],
  "Accounts and sharing: passwords tried for one share link, from anywhere": [
    `${SERVER}/account-limits.test.ts`,
    "are thirty a minute, wherever they come from",
  ],
  "Accounts and sharing: an invitation": [`${SERVER}/account-limits.test.ts`, "is good for seven days"],
  "Accounts and sharing: members of a document": [`${SERVER}/account-limits.test.ts`, "are five hundred"],
  "Accounts and sharing: share links that one session remembers": [
    `${SERVER}/account-limits.test.ts`,
    "remembers fifty, and forgets the oldest",
  ],
  "Accounts and sharing: what a browser calls itself": [
    `${SERVER}/account-limits.test.ts`,
    "is cut at two hundred characters",
  ],
  "Accounts and sharing: accounts; invitations; documents with access": [
    `${STORAGE}/directory.test.ts`,
    "takes no record beyond a bound",
  ],
  "Accounts and sharing: audit entries of a document; of the server": [
    `${STORAGE}/directory.test.ts`,
    "the newest first, and so many entries",
  ],
}

/** Rows whose number no test drives, and why. */
export const NOT_DRIVEN: Readonly<Record<string, string>> = {
  "Over HTTP: time for a request's headers, for a whole request": "kept by Node.js, by the system's clock",
  "Over HTTP: connections waiting to be taken by the process": "kept by the system, which may lower it",
  "Over HTTP: time for a peer to answer a close": "by the system's clock",
  "In the provider: others' presence without a connection": "a moment for the eye, harmless at any length",
  "In the provider: documents that a device remembers from the list": "needs a browser's store",
  "In the provider: the list without an answer": "needs a browser",
  "In the provider: a write to the device": "needs a browser's store",
}
