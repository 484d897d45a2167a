import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { extname, join, relative, sep } from "node:path"
import { gzipSync } from "node:zlib"
import { Hono } from "hono"
import { problem } from "./problem.js"

/** A file of the built web app, ready to send. */
interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzip: Uint8Array<ArrayBuffer> | undefined
  /** Made by the build beside the file. */
  readonly brotli: Uint8Array<ArrayBuffer> | undefined
  readonly type: string
  readonly etag: string
  /** Its name holds a hash of its content, so it never changes. */
  readonly isHashed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
}

/** Pages of the app: every one is the same shell. */
const PAGES = ["/", "/d/*", "/embed/*", "/s/*", "/setup/*", "/join/*", "/reset/*", "/sign-in", "/account", "/people"]

/** Reads the built web app into memory (well under a megabyte) and serves it. */
export async function staticRoutes(folder: string): Promise<Hono> {
  const assets = await readAssets(folder)
  const shell = assets.get("/index.html")
  const app = new Hono()
  for (const page of PAGES) {
    app.get(page, (context) => {
      if (shell !== undefined) return send(context.req.raw, shell)
      return problem(context, 503, {
        code: "QUIRE_NOT_BUILT",
        message: "the web app is not built",
        hint: "Run npm run build, then start again.",
      })
    })
  }
  app.get("*", (context) => {
    const asset = assets.get(new URL(context.req.url).pathname)
    if (asset !== undefined) return send(context.req.raw, asset)
    return problem(context, 404, { code: "QUIRE_NOT_FOUND", message: "there is nothing at this address" })
  })
  return app
}

async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>()
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of names) {
    if (!entry.isFile() || entry.name.endsWith(".br")) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = new Uint8Array(await readFile(path))
    const type = TYPES[extname(path)] ?? "application/octet-stream"
    const gzip = /^(text|image\/svg|application\/(json|manifest))/.test(type)
      ? new Uint8Array(gzipSync(bytes, { level: 9 }))
      : undefined
    const hasBrotli = names.some((other) => other.parentPath === entry.parentPath && other.name === `${entry.name}.br`)
    const brotli = hasBrotli ? new Uint8Array(await readFile(`${path}.br`)) : undefined
    const address = `/${relative(folder, path).split(sep).join("/")}`
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`
    assets.set(address, { bytes, gzip, brotli, type, etag, isHashed: address.startsWith("/assets/") })
  }
  return assets
}

function send(request: Request, asset: Asset): Response {
  const headers = new Headers({
    "Content-Type": asset.type,
    ETag: asset.etag,
    Vary: "Accept-Encoding",
    "Cache-Control": asset.isHashed ? "public, max-age=31536000, immutable" : "no-cache",
  })
  if (request.headers.get("if-none-match") === asset.etag) return new Response(null, { status: 304, headers })
  const accepted = request.headers.get("accept-encoding") ?? ""
  if (asset.brotli !== undefined && /\bbr\b/.test(accepted)) {
    headers.set("Content-Encoding", "br")
    return new Response(asset.brotli, { headers })
  }
  if (asset.gzip === undefined || !/\bgzip\b/.test(accepted)) return new Response(asset.bytes, { headers })
  headers.set("Content-Encoding", "gzip")
  return new Response(asset.gzip, { headers })
}
