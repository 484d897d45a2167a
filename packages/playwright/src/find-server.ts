import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { QuireError } from "@quire/base"

/**
 * The script of the installed `@quire/server`'s command: looked for from each folder upwards, as Node looks for
 * packages. Read from the manifest, because a package need not export its command.
 *
 * @throws QuireError `QUIRE_SERVER_NOT_INSTALLED`.
 */
export function findServer(from: readonly string[] = [process.cwd(), dirname(fileURLToPath(import.meta.url))]): string {
  for (const start of from) {
    for (let folder = resolve(start); ; folder = dirname(folder)) {
      const script = commandIn(join(folder, "node_modules", "@quire", "server"))
      if (script !== undefined) return script
      if (folder === dirname(folder)) break
    }
  }
  throw new QuireError("QUIRE_SERVER_NOT_INSTALLED", `@quire/server is not installed above ${from.join(" or ")}`, {
    hint: "Install it, or give the address of a running y-websocket server with the option serverUrl.",
  })
}

function commandIn(folder: string): string | undefined {
  const file = join(folder, "package.json")
  if (!existsSync(file)) return undefined
  const { bin } = JSON.parse(readFileSync(file, "utf8")) as { readonly bin?: { readonly quire?: string } }
  return bin?.quire === undefined ? undefined : join(folder, bin.quire)
}
