import type { Page } from "@playwright/test"
import { bodyOf } from "@quire/document"
import { SCHEMA_VERSION } from "@quire/schema"
import WebSocket from "ws"
import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"
import { block } from "../packages/editor/test/schema-pages.js"
import { expect, saveLight } from "./fixtures.js"
import { test } from "./raw-client.js"

/** Every request and navigation of a page and of what it opens that leaves its own server, and every dialog. */
function escapesOf(page: Page, url: string): string[] {
  const escapes: string[] = []
  const { host } = new URL(url)
  const context = page.context()
  context.on("request", (request) => {
    const target = new URL(request.url())
    if (target.host !== host) escapes.push(request.url())
  })
  context.on("page", (opened) => escapes.push(`a new page: ${opened.url()}`))
  page.on("dialog", (dialog) => {
    escapes.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on("framenavigated", (frame) => {
    if (new URL(frame.url()).host !== host) escapes.push(`navigation: ${frame.url()}`)
  })
  return escapes
}

const EVIL = "http://evil.test"
const MARKUP = `<img src="${EVIL}/name" onerror="alert(1)"><script>alert(2)</script>`
const BODY_START = { tname: "body", assoc: 0 }
const HERE = { anchor: BODY_START, head: BODY_START }

/** Presence that means harm, as JSON: a literal would lose what is named `__proto__`. */
const HOSTILE_STATES: readonly string[] = [
  JSON.stringify({ user: { name: MARKUP, color: `red;background:url(${EVIL}/color)` }, cursor: HERE }),
  JSON.stringify({
    user: { name: "'\");}*{background:url(//evil.test/css)}", color: "url(//evil.test/x)" },
    cursor: HERE,
  }),
  JSON.stringify({ user: { name: "\u202e\u2066evil\u202e", color: "#ff0000" }, cursor: HERE }),
  JSON.stringify({ user: { name: "x".repeat(1_800), color: "#00ff00" }, cursor: HERE }),
  JSON.stringify({ user: { name: { toString: 1 }, color: ["#ff0000"] }, cursor: HERE }),
  JSON.stringify({ user: 7, cursor: "everywhere" }),
  JSON.stringify({ user: null, cursor: { anchor: [], head: { item: { client: -1, clock: 1e308 } } } }),
  JSON.stringify({
    user: { name: "Far" },
    cursor: { anchor: { item: { client: 2 ** 52, clock: 9 } }, head: BODY_START },
  }),
  JSON.stringify({
    user: { name: "Elsewhere" },
    cursor: { anchor: { tname: "__proto__" }, head: { tname: "made-up" } },
  }),
  JSON.stringify({
    user: { name: "Birth" },
    cursor: {
      anchor: { type: { client: 1, clock: 1 }, assoc: -7 },
      head: { item: { client: 1, clock: 2 }, assoc: 1e9 },
    },
  }),
  `{"__proto__":{"user":{"name":"Polluted"}},"user":{"__proto__":{"name":"Polluted","color":"#ff0000"}},"cursor":{"__proto__":{"anchor":${JSON.stringify(BODY_START)}}}}`,
]

test("presence that means harm is shown as nothing but names, and others' carets go on", async ({
  people,
  rawClient,
  server,
  complaints,
}) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("presence")
  const escapes = escapesOf(anna.page, server.url)
  for (const json of HOSTILE_STATES) {
    const client = await rawClient("presence", SCHEMA_VERSION)
    client.awareness.setLocalState(JSON.parse(json) as Record<string, unknown>)
  }
  // Ten thousand bytes of a name: the provider would not send them.
  const ydoc = new Y.Doc()
  const plain = new WebsocketProvider(server.syncUrl, "presence", ydoc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket, // ws has what the client uses
    disableBc: true,
  })
  await new Promise((resolve) => plain.once("sync", resolve))
  plain.awareness.setLocalState({ user: { name: MARKUP.repeat(100), color: "#ff0000" }, cursor: HERE })

  const list = anna.page.getByRole("list", { name: "People here" })
  await expect(list).toContainText("+")
  await anna.page.getByRole("button", { name: /^You are/ }).click()
  const names = anna.page.locator("[popover]:popover-open")
  await expect(names).toContainText("<img src=")
  await expect(names).toContainText("x".repeat(40))
  expect(await names.innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|x{41}|Polluted/)
  await anna.page.keyboard.press("Escape")

  await ben.goTo(0)
  await ben.type("Still here")
  await expect(anna.editor).toContainText("Still here")
  await expect(anna.page.locator(".remote-caret[data-name=Ben], .remote-caret [data-name=Ben]")).toHaveCount(1)
  await expect(anna.page.locator(".remote-caret").first()).toBeVisible()
  await anna.goTo(0)
  await anna.type(", both")
  await expect([anna, ben]).toConverge("Still here, both")
  const styles = await anna.page
    .locator("[style]")
    .evaluateAll((elements) => elements.map((element) => element.getAttribute("style")).join("\n"))
  expect(styles).not.toMatch(/url|evil/)
  expect(await anna.page.locator("img:not(.ProseMirror-separator), script:not([src])").count()).toBe(0)
  expect(await anna.page.evaluate(() => [Object.hasOwn(Object.prototype, "user"), "user" in {}])).toEqual([
    false,
    false,
  ])
  expect(escapes).toEqual([])
  expect(complaints).toEqual([])
  plain.destroy()
  ydoc.destroy()
})

/** Targets that must lead nowhere, as they may stand in a document that another program has written. */
const HOSTILE_TARGETS: readonly string[] = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\tscript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "javascript\u200b:alert(1)",
  "&#106;avascript:alert(1)",
  "javascript&colon;alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "blob:http://evil.test/1",
  "file:///etc/passwd",
  "//evil.test/x",
  "/\\evil.test/x",
  "\\\\evil.test\\x",
  "https:\\\\evil.test",
  "http://evil.test/\u2028x",
  '"><img src=x onerror=alert(1)>',
  "#fragment",
  "relative",
  "",
  "view-source:http://evil.test/",
  "intent://evil.test#Intent;end",
]

test("a link that may lead nowhere is text: no click opens it, and it is not copied", async ({
  person,
  rawClient,
  server,
  complaints,
}) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  const author = await rawClient("links", SCHEMA_VERSION)
  const blocks = HOSTILE_TARGETS.map((href, index) =>
    block({ id: `l${index}` }, [[`Bad ${index}.`, { link: { href } }]]),
  )
  bodyOf(author.ydoc).push(blocks)
  bodyOf(author.ydoc).push([block({ id: "good" }, [["Good", { link: { href: "https://example.org/" } }]])])
  await author.saved()
  await anna.open("links")
  const escapes = escapesOf(anna.page, server.url)
  await expect(anna.editor.getByRole("link")).toHaveCount(1)
  await expect(anna.editor.locator("[href]")).toHaveCount(1)
  await expect(anna.editor.getByRole("link")).toHaveAttribute("rel", /noopener/)
  for (let index = 0; index < HOSTILE_TARGETS.length; index++) {
    const text = anna.editor.getByText(`Bad ${index}.`, { exact: true })
    await text.click()
    await text.click({ modifiers: ["ControlOrMeta"] })
  }
  await anna.editor.click()
  await anna.page.keyboard.press("ControlOrMeta+a")
  await anna.page.keyboard.press("ControlOrMeta+c")
  const html = await anna.page.evaluate(async () => {
    const [item] = await navigator.clipboard.read()
    return (await item?.getType("text/html"))?.text() ?? ""
  })
  expect(html).toContain("Bad 0.")
  const hrefs = [...html.matchAll(/href\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/gi)].map(([, value]) => value)
  expect(hrefs).toEqual(['"https://example.org/"'])
  expect(html).not.toMatch(/script:|<img|<script/i)
  expect(anna.page.url()).toBe(`${server.url}/d/links`)
  expect(escapes).toEqual([])
  expect(complaints).toEqual([])
  await expect(saveLight(anna)).toHaveText("Saved")
})
