/** What a public page says beside its text. */
export interface PublicFacts {
  /** As its writers called it; empty if they did not. */
  readonly title: string
  /** When it was last changed, milliseconds since the epoch of Unix; 0: never. */
  readonly changedMs: number
  /** Whether search engines may list it. */
  readonly isIndexed: boolean
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" })

/** A public page. @param markup its text, made by `pageMarkup`. */
export function publicPage(markup: string, { title, changedMs, isIndexed }: PublicFacts): string {
  const heading = title === "" ? "Untitled" : escapeText(title)
  const changed = new Date(changedMs)
  const when =
    changedMs === 0 ? "" : `Last changed on <time datetime="${changed.toISOString()}">${DAY.format(changed)}</time>. `
  // Nobody knows the language of the text; that of the words around it is known.
  const main = `<article lang="" dir="auto"><h1>${heading}</h1>${markup}</article>`
  return shell({ title: heading, isIndexed, main, footer: `${when}Written with Quire.` })
}

/** A page that says that there is none, or none now. */
export function publicNotice(title: string, sentence: string): string {
  const main = `<h1>${escapeText(title)}</h1><p>${escapeText(sentence)}</p>`
  return shell({ title: escapeText(title), isIndexed: false, main, footer: "" })
}

interface Shell {
  /** Markup, as all of it. */
  readonly title: string
  readonly isIndexed: boolean
  readonly main: string
  readonly footer: string
}

function shell({ title, isIndexed, main, footer }: Shell): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${isIndexed ? "" : '<meta name="robots" content="noindex, nofollow">\n'}<title>${title}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/public-page.css">
</head>
<body>
<main>${main}</main>
${footer === "" ? "" : `<footer><p>${footer}</p></footer>\n`}</body>
</html>
`
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
