import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

const packages = [
  "base",
  "protocol",
  "access",
  "schema",
  "document",
  "storage",
  "sync",
  "provider",
  "editor",
  "testing",
  "playwright",
]

/** Tests run on the sources: no build is needed for them (apps/server's own tests start the built server). */
const resolve = { conditions: ["quire-source", "module", "node", "development|production"] }

export default defineConfig({
  test: {
    // Many tests of the server wait for processes and disks: on two cores two files at a time take half as long as one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      ...packages.map((name) => ({
        resolve,
        ssr: { resolve },
        test: { name, root: `packages/${name}`, include: ["test/**/*.test.ts"] },
      })),
      {
        resolve,
        ssr: { resolve },
        test: {
          name: "server",
          root: "apps/server",
          include: ["test/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr: { resolve },
        test: { name: "web", root: "apps/web", include: ["test/**/*.test.ts"] },
      },
      { test: { name: "workspace", root: ".", include: ["test/**/*.test.ts"] } },
    ],
  },
})
