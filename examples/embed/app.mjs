// An application that embeds Quire: it knows its own people, and signs for each of them a token that Quire believes.
// docs/embedding.md explains it. Environment: PORT, QUIRE_SYNC_URL (ws://127.0.0.1:4400/sync), QUIRE_SECRET_FILE.
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const SYNC_URL = process.env.QUIRE_SYNC_URL ?? "ws://127.0.0.1:4400/sync"
const SECRET = readFileSync(process.env.QUIRE_SECRET_FILE ?? "secret.txt", "utf8").trim()
/** Tokens travel in an address here, so they live for a short time. The page asks for a new one before that. */
const TOKEN_SECONDS = Number(process.env.QUIRE_TOKEN_SECONDS ?? 300)

/** Who may do what, in this application's own words. Yours asks its database. */
const PEOPLE = {
  ada: { name: "Ada Lovelace", documents: { "app/notes": "editor", "app/plan": "editor" } },
  eve: { name: "Evelyn Granville", documents: { "app/plan": "editor" } },
  ben: { name: "Ben Bitdiddle", documents: { "app/notes": "viewer", "app/plan": "viewer" } },
}

/** A JSON Web Token, HS256. With a library: jose's SignJWT, jsonwebtoken's sign. */
function tokenFor(id) {
  const { name, documents } = PEOPLE[id]
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS
  const claims = { iss: "https://app.example", aud: "quire", sub: id, exp, name, quire: { documents } }
  const text = `${part({ alg: "HS256", typ: "JWT", kid: "app" })}.${part(claims)}`
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`
}

function part(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url")
}

/** Whoever is signed in here. This example believes a cookie `user=ada`; yours has sessions. */
function signedIn(request) {
  const id = /(?:^|; )user=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? ""
  return Object.hasOwn(PEOPLE, id) ? id : undefined
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes</title>
<textarea aria-label="Notes" data-server="${SYNC_URL}" readonly></textarea><p role="status"></p>
<script type="module" src="/page.js"></script></html>`
/** Quire's own editor, in a frame. */
const EDITOR_URL = new URL("/embed/app/plan", SYNC_URL.replace(/^ws/, "http")).href
const EDITOR_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Plan</title>
<style>html, body, iframe { box-sizing: border-box; width: 100%; height: 100%; margin: 0; border: 0 }</style>
<iframe title="Plan" src="${EDITOR_URL}" allow="clipboard-write"></iframe>
<script type="module" src="/editor.js"></script></html>`
const EDITOR_SCRIPT = readFileSync(new URL("editor.js", import.meta.url), "utf8")
const SCRIPT = await bundle(fileURLToPath(new URL("page.js", import.meta.url)))

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://app.example")
  const answer = (status, type, body) => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" })
    response.end(body)
  }
  if (pathname === "/") return answer(200, "text/html", PAGE)
  if (pathname === "/editor") return answer(200, "text/html", EDITOR_PAGE)
  if (pathname === "/editor.js") return answer(200, "text/javascript", EDITOR_SCRIPT)
  if (pathname === "/page.js") return answer(200, "text/javascript", SCRIPT)
  if (pathname !== "/quire-token") return answer(404, "text/plain", "not here")
  const id = signedIn(request)
  if (id === undefined) return answer(401, "text/plain", "sign in first")
  const mayWrite = PEOPLE[id].documents["app/notes"] === "editor"
  const said = { token: tokenFor(id), expiresInSeconds: TOKEN_SECONDS, mayWrite }
  return answer(200, "application/json", JSON.stringify(said))
})

server.listen(Number(process.env.PORT ?? 4500), "127.0.0.1", () => {
  process.stdout.write(`The application is at http://127.0.0.1:${server.address().port}\n`)
})

/** One script with everything that it imports. */
async function bundle(entry) {
  const options = { write: false, minify: false, rollupOptions: { input: entry } }
  const { output } = await build({ configFile: false, logLevel: "error", build: options })
  return output[0].code
}
