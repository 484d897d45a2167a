import { BIRTH_UPDATE, bodyOf, readBody } from "@quire/document"
import { SCHEMA_VERSION, schema } from "@quire/schema"
import { Schema } from "prosemirror-model"
import { beforeAll, describe, expect, it } from "vitest"
import { initProseMirrorDoc } from "y-prosemirror"
import * as Y from "yjs"
import { block, pageOfSchema, SCHEMA_VERSIONS } from "../../../packages/editor/test/schema-pages.js"
import {
  type Client,
  clientForTest,
  onUpdate,
  patience,
  type RunningServer,
  readFresh,
  serverForFile,
  waitUntil,
} from "./harness.js"

/** Pages of every version of the schema, and clients of every version that open them. */

const NEWEST = SCHEMA_VERSION + 1

/** The schema of version 1, as its build had it. */
const SCHEMA_1 = new Schema({
  nodes: {
    doc: { content: "block*" },
    textblock: { content: "inline*", group: "block", attrs: { kind: { default: "" }, level: { default: 1 }, id: {} } },
    text: { group: "inline" },
  },
  marks: { strong: {}, em: {} },
})

let server: RunningServer
beforeAll(async () => {
  server = await serverForFile()
})

/** A page of this version, on the server. */
async function page(document: string, version: number): Promise<Client> {
  const author = clientForTest(server.sync, document, { schema: version })
  await author.provider.whenSynced(patience())
  Y.applyUpdate(author.ydoc, pageOfSchema(version))
  await author.provider.whenSaved(patience())
  return author
}

/** What somebody reads who has never been here and knows everything. */
function readBy(document: string): Promise<ReturnType<typeof readBody>> {
  return readFresh(server.sync, document, readBody, { schema: NEWEST })
}

/** What the page holds before anybody but its author has opened it. */
function pageAlone(version: number): ReturnType<typeof readBody> {
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, BIRTH_UPDATE)
  Y.applyUpdate(ydoc, pageOfSchema(version))
  return readBody(ydoc)
}

const cases = SCHEMA_VERSIONS.flatMap((version) => SCHEMA_VERSIONS.map((client) => [version, client] as const))

describe("the gate of schemas", () => {
  it.each(cases)("a page of version %i, a client of version %i", async (version, clientVersion) => {
    const document = `gate/${version}-${clientVersion}`
    await page(document, version)
    const client = clientForTest(server.sync, document, { schema: clientVersion })
    await client.provider.whenSynced(patience())
    const isBehind = clientVersion < version
    const { grant, isSchemaBehind } = client.provider.getStatus()
    expect({ grant, isSchemaBehind }).toEqual({ grant: isBehind ? "read" : "write", isSchemaBehind: isBehind })
    if (isBehind) {
      // An old page's binding, without our watch: what it does not know it deletes, here.
      let deletions = 0
      client.ydoc.on("update", () => deletions++)
      initProseMirrorDoc(bodyOf(client.ydoc), clientVersion === 1 ? SCHEMA_1 : schema)
      expect(deletions).toBeGreaterThan(0)
      expect(client.provider.getStatus().save.kind).toBe("not-saved")
      client.close()
      expect(await readBy(document)).toEqual(pageAlone(version))
    } else {
      bodyOf(client.ydoc).push([block({ id: "more" }, [["More"]])])
      await client.provider.whenSaved(patience())
      expect(await readBy(document)).toHaveLength(pageAlone(version).length + 1)
    }
  })

  it("tells an open editor when a newer one writes, and takes nothing more from it", async () => {
    const author = await page("gate/raised", SCHEMA_VERSION)
    const newer = clientForTest(server.sync, "gate/raised", { schema: NEWEST })
    await newer.provider.whenSynced(patience())
    expect(author.provider.getStatus().isSchemaBehind).toBe(false)
    bodyOf(newer.ydoc).push([block({ id: "odd" }, [["Odd"]], "callout")])
    const { provider } = author
    await waitUntil(provider.subscribe, () => provider.getStatus().isSchemaBehind, "the news of a newer schema")
    expect(provider.getStatus().grant).toBe("read")
    await waitUntil(onUpdate(author.ydoc), () => readBody(author.ydoc).at(-1)?.kind === "unknown", "the newer text")
    bodyOf(author.ydoc).delete(0, bodyOf(author.ydoc).length)
    expect(provider.getStatus().save.kind).toBe("not-saved")
    await newer.provider.whenSaved(patience())
    author.close()
    expect(await readBy("gate/raised")).toEqual([...pageAlone(SCHEMA_VERSION), { kind: "unknown", text: "Odd" }])
  })
})
