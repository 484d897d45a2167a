import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** The secret of the provider's one client, `quire`. */
export const CLIENT_SECRET = "a secret of the test's own"

/** An OpenID Connect provider as a process of its own. */
export interface TestProvider {
  /** Its address: where people sign in, with any name and password. */
  readonly issuer: string
  /** Ends it. */
  readonly close: () => Promise<void>
}

/** Starts one; whoever starts it closes it. @param serverUrl the only server that it sends people back to. */
export async function startProvider(serverUrl: string): Promise<TestProvider> {
  const script = fileURLToPath(new URL("fixtures/oidc-provider.mjs", import.meta.url))
  const args = [script, `${serverUrl}/api/oidc/callback`]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] })
  const ended = once(child, "exit")
  let said = ""
  const issuer = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (text: Buffer) => {
      said += text
      const line = /^(http:\S+)\n/m.exec(said)?.[1]
      if (line !== undefined) resolve(line)
    })
    ended.then(() => reject(new Error(`the provider ended: ${said}`)), reject)
  })
  return {
    issuer,
    close: async () => {
      child.kill("SIGKILL")
      await ended
    },
  }
}
