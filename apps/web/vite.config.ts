import { createHash } from "node:crypto"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync, constants } from "node:zlib"
import react from "@vitejs/plugin-react"
import { defaultClientConditions, defineConfig, type Plugin } from "vite"

/** Where the server of a developer listens; `npm run dev` starts it beside this one. */
const server = "http://127.0.0.1:4400"

/** Puts a Brotli copy beside each text file (a seventh less to load than gzip): too slow to do at every start. */
function brotliCopies(): Plugin {
  return {
    name: "quire-brotli-copies",
    apply: "build",
    writeBundle({ dir = "dist" }) {
      for (const name of readdirSync(join(dir, "assets"))) {
        if (!/\.(js|css)$/.test(name)) continue
        const path = join(dir, "assets", name)
        const bytes = readFileSync(path)
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
      }
    },
  }
}

/** The service worker's file; it has no hash in its name, because browsers know it by its address. */
const worker = "service-worker"

/** Tells the service worker which files the build has; their names, and so the worker, change with every build. */
function shellList(): Plugin {
  return {
    name: "quire-shell-list",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const chunk = bundle[`${worker}.js`]
        const page = bundle["index.html"]
        if (chunk?.type !== "chunk" || page?.type !== "asset") throw new Error("the build has no worker, or no page")
        const built = Object.keys(bundle).filter((name) => name.startsWith("assets/") && !name.endsWith(".map"))
        const files = ["/", ...[...readdirSync("public"), ...built].map((name) => `/${name}`)].sort()
        const version = createHash("sha256")
          .update(JSON.stringify(files))
          .update(page.source)
          .digest("hex")
          .slice(0, 16)
        chunk.code = chunk.code.replaceAll("QUIRE_SHELL", JSON.stringify({ version, files }))
      },
    },
  }
}

/**
 * Modules that only pages need which are loaded when they are shown. Everything else is one file: it is what an open
 * document needs, and its modules run in the order in which `main.tsx` imports them.
 */
const LATER =
  /packages\/document\/src\/copy-body|apps\/web\/(worker\/|src\/(account|embed|people|share)\/|src\/api\/(account|people|access)\.ts|src\/document\/(SignedOutBanner|keep-as-new)|src\/ui\/(CopyOnce|Dialog|Field|FormEnd|SelectField|copy-once|dialog|field|rows|use-deed|use-form|use-loaded))/

/** React's modules, by the ones that stand in for them. */
const PREACT = {
  "react-dom/client": "preact/compat/client",
  "react/jsx-runtime": "preact/jsx-runtime",
  react: "preact/compat",
}

export default defineConfig(({ command }) => ({
  plugins: [react(), shellList(), brotliCopies()],
  resolve: {
    // What is served runs on Preact, a seventh of React's size (docs/adr/0018). While developing it is React: hot reload
    // and StrictMode's doubled effects know no other.
    alias: command === "build" ? PREACT : {},
    // The workspace's packages are taken from their sources: nothing is built before the page.
    conditions: ["quire-source", ...defaultClientConditions],
    // Two copies of one of these would not know each other's objects.
    dedupe: [
      "yjs",
      "lib0",
      "y-protocols",
      "prosemirror-model",
      "prosemirror-state",
      "prosemirror-transform",
      "prosemirror-view",
      "react",
      "react-dom",
    ],
  },
  build: {
    // The server's content security policy allows files of its own only: nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Browsers with popovers. For older ones the build would write `:dir()` as a list of languages, and no page of ours
    // says its language paragraph by paragraph.
    cssTarget: ["chrome120", "edge120", "firefox125", "safari17"],
    sourcemap: true,
    // Preact, ProseMirror and Yjs in one file; every page but the list needs all of them.
    chunkSizeWarningLimit: 550,
    rolldownOptions: {
      input: { index: "index.html", [worker]: `worker/${worker}.ts` },
      output: {
        entryFileNames: ({ name }) => (name === worker ? "[name].js" : "assets/[name]-[hash].js"),
        codeSplitting: { groups: [{ name: "index", test: (id) => !LATER.test(id) }] },
      },
      treeshake: {
        // lib0's schemas are built when it is loaded, for one constant of its DOM module that nobody reads. Building
        // them touches nothing else, so they may go: 7 kB.
        manualPureFunctions: ["$", "$type", "$constructedBy", "$instanceOf", "$custom", "$literal", "$union"],
      },
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/sync": { target: server, ws: true },
    },
  },
}))
