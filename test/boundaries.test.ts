import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

/** Who may import whom, beside `base`: docs/architecture.md has the same table with the reasons. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "packages/base": [],
  "packages/protocol": ["lib0"],
  "packages/access": ["@quire/protocol"],
  "packages/schema": ["prosemirror-model"],
  "packages/document": ["@quire/schema", "prosemirror-model", "y-prosemirror", "yjs"],
  "packages/storage": ["abstract-level"],
  "packages/sync": ["@quire/protocol"],
  "packages/provider": ["@quire/protocol", "idb", "y-protocols", "yjs"],
  "packages/editor": [
    "@quire/schema",
    "@quire/document",
    "prosemirror-commands",
    "prosemirror-keymap",
    "prosemirror-model",
    "prosemirror-state",
    "prosemirror-transform",
    "prosemirror-view",
    "y-prosemirror",
    "y-protocols",
    "yjs",
  ],
  "packages/testing": [],
  "packages/playwright": ["@playwright/test"],
  "apps/server": [
    "@hono/node-server",
    "@node-rs/argon2",
    "@quire/access",
    "@quire/document",
    "@quire/protocol",
    "@quire/storage",
    "@quire/sync",
    "hono",
    "jose",
    "level",
    "openid-client",
    "pino",
    "tinypool",
    "ws",
    "zod",
  ],
  "apps/web": [
    "@quire/access",
    "@quire/document",
    "@quire/editor",
    "@quire/provider",
    "@quire/schema",
    "react",
    "react-dom",
    "wouter",
    "y-protocols",
    "yjs",
  ],
}

/** Only these touch Node's own modules: the others run in browsers too, or are pure. */
const MAY_USE_NODE = new Set(["packages/storage", "packages/playwright", "apps/server"])

const folders = ["packages", "apps"].flatMap((group) => readdirSync(group).map((name) => `${group}/${name}`))

describe("packages", () => {
  it("are those of the table", () => {
    expect(folders.sort()).toEqual(Object.keys(MAY_IMPORT).sort())
  })

  for (const folder of folders) {
    it(`${folder} declares exactly what it imports, and only what the table allows`, () => {
      const { dependencies, peerDependencies } = manifest(folder)
      const declared = Object.keys({ ...dependencies, ...peerDependencies }).sort()
      const imported = packagesImported(folder)
      expect(imported).toEqual(declared)
      const allowed = [...(MAY_IMPORT[folder] ?? []), "@quire/base"]
      expect(imported.filter((name) => !allowed.includes(name))).toEqual([])
    })

    it(`${folder} imports others through their index, and Node's modules only where it may`, () => {
      const names = sources(folder).flatMap(imports)
      expect(names.filter((name) => /^@quire\/[^/]+\/.*(?<!\.css)$/.test(name))).toEqual([])
      if (!MAY_USE_NODE.has(folder)) expect(names.filter((name) => name.startsWith("node:"))).toEqual([])
    })
  }

  it("have no cycle between their files", () => {
    expect(folders.flatMap((folder) => cyclesIn(folder))).toEqual([])
  })
})

describe("rules", () => {
  it("of sync/SPEC.md are those that test names quote", () => {
    const spec = readFileSync("packages/sync/SPEC.md", "utf8")
    const stated = new Set([...spec.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1]))
    const tests = filesBelow("packages/sync/test")
      .map((file) => readFileSync(file, "utf8"))
      .join("\n")
    const quoted = new Set([...tests.matchAll(/"\[([A-Z]\d+)\]/g)].map((match) => match[1]))
    expect([...quoted].sort()).toEqual([...stated].sort())
  })
})

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  /** What the user's own copy must be used of: two of them would not know each other. */
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
}

function packagesImported(folder: string): string[] {
  const names = sources(folder)
    .flatMap(imports)
    .filter((name) => !name.startsWith(".") && !name.startsWith("node:"))
    .map((name) => (name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : (name.split("/")[0] as string)))
  return [...new Set(names)].sort()
}

function sources(folder: string): string[] {
  return filesBelow(join(folder, "src")).filter((file) => /\.(ts|tsx|css)$/.test(file))
}

/** Names after `from`, of bare imports, of dynamic imports, and of stylesheets' `@import`. */
function imports(file: string): string[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
  const pattern = /(?:\bfrom|^import|\bimport\(|^@import)\s*["']([^"']+)["']/gm
  return [...text.matchAll(pattern)].map((match) => match[1] as string)
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

/** Cycles of value imports; types are erased and may point both ways. */
function cyclesIn(folder: string): string[] {
  const edges = new Map(sources(folder).map((file) => [file, valueImports(file)]))
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" → "))
      return
    }
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return cycles
}

function valueImports(file: string): string[] {
  const text = readFileSync(file, "utf8")
  return [...text.matchAll(/^(?:import|export)\s+(?!type\b)[^"']*?from\s+["'](\.[^"']+)["']/gm)].flatMap((match) => {
    const clause = match[0]
    const named = /\{([^}]*)\}/.exec(clause)?.[1]
    const isOnlyTypes = named?.split(",").every((name) => /^\s*(type\b|$)/.test(name))
    const target = join(file, "..", (match[1] as string).replace(/\.js$/, ""))
    const found = [`${target}.ts`, `${target}.tsx`].find((candidate) => existsSync(candidate))
    return isOnlyTypes || found === undefined ? [] : [found]
  })
}
