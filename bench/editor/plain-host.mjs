// Builds the plain page for production and serves it, compressed as a web server would.
import { once } from "node:events"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "vite"

const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" }

/** @param isReadable true to keep functions' own names. @returns `{ url, close }`. */
export async function hostPlainPage(isReadable) {
  const { output } = await build({
    configFile: false,
    root: fileURLToPath(new URL("plain", import.meta.url)),
    logLevel: "warn",
    build: { write: false, minify: !isReadable, modulePreload: { polyfill: false } },
  })
  const files = new Map(
    output.map(({ fileName, code, source }) => [`/${fileName}`, gzipSync(code ?? source, { level: 9 })]),
  )
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost")
    const name = pathname === "/" ? "/index.html" : pathname
    const bytes = files.get(name)
    if (bytes === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { "content-type": TYPES[name.split(".").at(-1)], "content-encoding": "gzip" }).end(bytes)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
