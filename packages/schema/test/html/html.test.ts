import fc from "fast-check"
import type { Mark, Node } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import { fromHtml, schema, toHtml } from "../../src/index.js"
import { parseHtml } from "./parse.js"

function block(text: string, attrs: Record<string, unknown> = {}): Node {
  return schema.node("textblock", attrs, text === "" ? [] : [schema.text(text)])
}

function page(...blocks: readonly Node[]): Node {
  return schema.node("doc", null, blocks)
}

function read(markup: string): Node {
  return fromHtml(parseHtml(markup))
}

/** A page in short: one line a block, its attributes that are set, its text. */
function lines(doc: Node): readonly string[] {
  return doc.children.map((node) => {
    const { list, start, checked, indent, quote, kind, level, language } = node.attrs
    const said = [
      node.type.name === "textblock" ? "" : node.type.name,
      kind === "heading" ? `h${level}` : "",
      language ?? "",
      list ?? "",
      start === null || start === undefined ? "" : `start ${start}`,
      checked ? "checked" : "",
      indent ? `in ${indent}` : "",
      quote ? `quote ${quote}` : "",
    ].filter((word) => word !== "")
    return `${said.join(" ")}: ${node.textContent}`
  })
}

describe("toHtml", () => {
  it("nests lists in the items that they belong to", () => {
    const doc = page(
      block("one", { list: "bullet" }),
      block("deep", { list: "ordered", indent: 1 }),
      block("more of one", { indent: 1 }),
      block("two", { list: "bullet" }),
      block("text"),
    )
    expect(toHtml(doc)).toBe("<ul><li>one<ol><li>deep</li></ol><p>more of one</p></li><li>two</li></ul><p>text</p>")
  })

  it("numbers: a start begins a new list, and so does what interrupts one", () => {
    const doc = page(
      block("a", { list: "ordered" }),
      block("b", { list: "ordered" }),
      block("seven", { list: "ordered", start: 7 }),
      block("between"),
      block("c", { list: "ordered" }),
    )
    expect(toHtml(doc)).toBe(
      '<ol><li>a</li><li>b</li></ol><ol start="7"><li>seven</li></ol><p>between</p><ol><li>c</li></ol>',
    )
  })

  it("nests quotes, with lists inside", () => {
    const doc = page(
      block("a", { quote: 1 }),
      block("b", { quote: 2, list: "bullet" }),
      block("c", { quote: 1 }),
      block("d", { list: "bullet" }),
    )
    expect(toHtml(doc)).toBe(
      "<blockquote><p>a</p><blockquote><ul><li>b</li></ul></blockquote><p>c</p></blockquote><ul><li>d</li></ul>",
    )
  })

  it("writes tasks with a box that others know too", () => {
    expect(toHtml(page(block("buy", { list: "task" }), block("done", { list: "task", checked: true })))).toBe(
      '<ul data-list="task"><li data-checked="false"><input type="checkbox" disabled="">buy</li>' +
        '<li data-checked="true"><input type="checkbox" disabled="" checked="">done</li></ul>',
    )
  })

  it("shares elements among neighbouring runs, and keeps a bad link's text only", () => {
    const { strong, em, link } = schema.marks
    const doc = page(
      schema.node("textblock", null, [
        schema.text("a", [strong.create()]),
        schema.text("b", [strong.create(), em.create()]),
        schema.text("c", [link.create({ href: "javascript:alert(1)" })]),
        schema.text("d", [link.create({ href: "https://example.org/?a=1&b" })]),
      ]),
    )
    expect(toHtml(doc)).toBe(
      "<p><strong>a<em>b</em></strong>c" +
        '<a href="https://example.org/?a=1&amp;b" rel="noopener noreferrer nofollow">d</a></p>',
    )
  })

  it("escapes text, attributes and code", () => {
    const code = schema.node("codeblock", { language: "c++" }, [schema.text('if (a < b && "c") {}\n')])
    expect(toHtml(page(block('<script>"&amp;'), code))).toBe(
      '<p>&lt;script&gt;&quot;&amp;amp;</p><pre><code class="language-c++">if (a &lt; b &amp;&amp; &quot;c&quot;) {}\n\n</code></pre>',
    )
  })
})

describe("fromHtml", () => {
  it("reads other programs' lists: items in paragraphs, lists beside items, two lists in a row", () => {
    const doc = read(
      "<ul><li><p>one</p><p>more</p></li><ul><li>beside</li></ul></ul><ol><li>a</li></ol><ol><li>b</li></ol>" +
        '<ol start="4"><li>c<pre>x\n</pre></li></ol>',
    )
    expect(lines(doc)).toEqual([
      "bullet: one",
      "in 1: more",
      "bullet in 1: beside",
      "ordered: a",
      "ordered start 1: b",
      "ordered start 4: c",
      "codeblock in 1: x",
    ])
  })

  it("reads tasks by their boxes, folding sections as toggles, and headings in items", () => {
    const doc = read(
      '<ul><li><input type="checkbox" checked=""> done</li><li><h2>head</h2></li></ul>' +
        "<details><summary>more</summary><p>text</p></details>",
    )
    expect(lines(doc)).toEqual(["task checked: done", "h2 bullet: head", "toggle: more", ": text"])
  })

  it("melts white space as a browser does, and keeps line breaks", () => {
    const doc = read("<p>  a \n <b> b</b> <br> c  d<br></p><p></p>\n<div>e</div><p><br></p>")
    expect(lines(doc)).toEqual([": a b\nc d", ": ", ": e", ": "])
  })

  it("drops what is no text, and reads the text of what it does not know", () => {
    const doc = read(
      "<style>p {}</style><script>x()</script><table><tr><td>a</td><td>b</td></tr></table><abbr>c</abbr>",
    )
    expect(lines(doc)).toEqual([": a", ": b", ": c"])
  })

  it("gives links only a target that the one function allows", () => {
    const doc = read('<p><a href="javascript:x()">a</a><a href="https://example.org">b</a></p>')
    const marks: (readonly Mark[])[] = []
    doc.descendants((node) => {
      if (node.isText) marks.push(node.marks)
    })
    expect(marks).toEqual([[], [schema.mark("link", { href: "https://example.org" })]])
  })

  it("reads bold, italic, lines and code, by element and by style, and no boldness of whole blocks", () => {
    const doc = read(
      '<p style="font-weight:700"><b>a</b><b style="font-weight:normal">b</b>' +
        '<span style="text-decoration: underline line-through">c</span><code>d</code></p>',
    )
    const marks = doc.child(0).children.map((run) => `${run.text}: ${run.marks.map(({ type }) => type.name).join(" ")}`)
    expect(marks).toEqual(["a: strong", "b: ", "c: underline strike", "d: code"])
  })

  it("survives a tree of ten thousand levels", () => {
    const deep = `${"<blockquote>".repeat(10_000)}x${"</blockquote>".repeat(10_000)}`
    expect(read(`<p>before</p>${deep}<p>after</p>`).childCount).toBe(2)
  })
})

describe("there and back", () => {
  const text = fc.array(fc.constantFrom("a", "b ", " ", "\n", "\t", "é", "😀", "<", "&amp;", '"', "x y"), {
    maxLength: 6,
  })
  const marks = fc
    .subarray(["strong", "em", "underline", "strike", "code", "link"] as const)
    .map((names) =>
      names.reduce<readonly Mark[]>(
        (set, name) => schema.mark(name, name === "link" ? { href: "https://example.org/a" } : null).addToSet(set),
        [],
      ),
    )
  const runs = fc.array(fc.tuple(text, marks), { maxLength: 3 }).map((parts) => {
    const made = parts.filter(([words]) => words.length > 0).map(([words, set]) => schema.text(words.join(""), set))
    return schema.node("textblock", null, made).content // joins runs of equal marks
  })
  const indent = fc.constantFrom(null, null, 1, 2, 3, 8)
  const quote = fc.constantFrom(null, null, null, 1, 2)
  const place = fc.record({ indent, quote })
  const kind = fc.constantFrom({ kind: "paragraph" }, { kind: "heading", level: 2 })
  const list = fc.constantFrom(
    {},
    {},
    { list: "bullet" },
    { list: "ordered" },
    { list: "ordered", start: 3 },
    { list: "task" },
    { list: "task", checked: true },
    { list: "toggle" },
  )
  const textblock = fc
    .tuple(runs, place, kind, list)
    .map(([content, ...attrs]) => schema.node("textblock", Object.assign({}, ...attrs), content))
  const codeblock = fc.tuple(text, place, fc.constantFrom(null, "ts", "c++")).map(([words, where, language]) => {
    const code = words.join("")
    return schema.node("codeblock", { ...where, language }, code === "" ? [] : [schema.text(code)])
  })
  const blocks = fc.oneof(
    { weight: 8, arbitrary: textblock },
    { weight: 1, arbitrary: codeblock },
    { weight: 1, arbitrary: place.map((where) => schema.node("rule", where)) },
  )

  it("gives every page back, but for the ids", () => {
    fc.assert(
      fc.property(fc.array(blocks, { maxLength: 8 }), (content) => {
        const doc = page(...content)
        expect(fromHtml(parseHtml(toHtml(doc))).toJSON()).toEqual(doc.toJSON())
      }),
      { numRuns: 400 },
    )
  })
})
