import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { runCheck } from "../src/check.js"
import { readCommand } from "../src/config.js"
import { KEYS_FILE, RSA } from "./auth/jwt-corpus.js"
import { makeCertificate } from "./certificate.js"
import { temporaryFolder } from "./harness.js"
import { QuireProcess } from "./quire-process.js"

/** Names of what `quire check` finds, and its exit code. */
async function check(args: readonly string[]): Promise<{ readonly exit: number; readonly names: readonly string[] }> {
  const command = readCommand(["check", ...args], {})
  if (command.kind !== "check") throw new Error(`it was taken for ${command.kind}`)
  const lines: string[] = []
  const exit = await runCheck(command, Date.now(), (line) => lines.push(line))
  return { exit, names: lines.flatMap((line) => /^\w+ \(([a-z-]+)\): /.exec(line)?.[1] ?? []) }
}

async function file(name: string, content: string, mode = 0o600): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, content, { mode })
  await chmod(path, mode)
  return path
}

async function pair(names?: readonly string[], days?: number, mode = 0o600): Promise<string[]> {
  const made = makeCertificate(names, days)
  return ["--tls-cert", await file("cert.pem", made.cert), "--tls-key", await file("key.pem", made.key, mode)]
}

const keys = (entry: object, mode?: number): Promise<string> =>
  file("keys.json", JSON.stringify({ keys: [entry] }), mode)
const good = KEYS_FILE.keys[0]
const members = ["--access", "members"]
const app = ["--origin", "https://app.example"]
const frame = ["--frame-origin", "https://app.example"]
const proxy = ["--trusted-proxy", "10.0.0.7"]

/** Settings, what is found, the exit code. */
const cases: Readonly<Record<string, readonly [() => Promise<readonly string[]>, readonly string[], number]>> = {
  "nothing at all": [async () => [], [], 0],
  "members with TLS": [async () => ["--host", "0.0.0.0", ...members, ...(await pair())], [], 0],
  "members behind a named proxy": [async () => [...members, ...proxy, ...app], [], 0],
  "a public address without a word": [async () => ["--host", "0.0.0.0"], ["setting"], 2],
  "open on a public address": [async () => ["--host", "0.0.0.0", "--open"], ["open-address", "no-tls"], 1],
  "open behind a proxy": [async () => [...proxy, ...app], ["open-address"], 1],
  "members without TLS": [async () => ["--host", "0.0.0.0", ...members], ["no-tls"], 1],
  "a proxy that can be passed by": [
    async () => ["--host", "0.0.0.0", ...members, ...proxy, ...app],
    ["proxy-passed-by"],
    1,
  ],
  "a proxy that is not named": [async () => [...members, ...app], ["proxies-unnamed"], 1],
  "an address that is not named": [async () => [...members, ...proxy], ["origin-missing"], 1],
  "an application over http": [
    async () => [...members, ...proxy, "--origin", "http://app.example"],
    ["origin-plain"],
    1,
  ],
  "a page over http that frames the editor": [
    async () => [
      ...[...members, ...proxy, ...app, "--frame-origin", "http://app.example"],
      ...["--jwt-keys", await keys(good)],
    ],
    ["frame-origin-plain"],
    1,
  ],
  "a page over https that frames an editor without TLS": [
    async () =>
      [...members, "--origin", "http://127.0.0.1:4500", "--frame-origin", "https://app.example"].concat([
        ...["--jwt-keys", await keys(good)],
      ]),
    ["frame-plain"],
    1,
  ],
  "an application that frames": [
    async () => [...members, ...proxy, ...app, ...frame, "--jwt-keys", await keys(good)],
    [],
    0,
  ],
  "a frame without keys": [async () => [...members, ...proxy, ...app, ...frame], ["setting"], 2],
  "a frame of everybody": [
    async () => [...members, ...proxy, ...app, "--frame-origin", "https://*", "--jwt-keys", await keys(good)],
    ["setting"],
    2,
  ],
  "a frame that ends the header": [
    async () => [...members, ...proxy, ...app, "--frame-origin", "https://a;b", "--jwt-keys", await keys(good)],
    ["setting"],
    2,
  ],
  "open and members": [async () => ["--open", ...members], ["setting"], 2],
  "a port that is none": [async () => ["--port", "http"], ["setting"], 2],
  "a certificate without a key": [async () => ["--tls-cert", "x.pem"], ["setting"], 2],
  "a certificate that is not there": [
    async () => ["--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem"],
    ["tls-files"],
    2,
  ],
  "a certificate that has ended": [async () => pair(undefined, -1), ["certificate-time"], 2],
  "a certificate that ends soon": [async () => pair(undefined, 3), ["certificate-soon"], 1],
  "a certificate for another name": [async () => pair(["wiki.example"]), ["certificate-name"], 1],
  "a key that others can read": [async () => pair(undefined, undefined, 0o644), ["tls-key-readable"], 1],
  "good keys": [async () => [...members, ...proxy, ...app, "--jwt-keys", await keys(good)], [], 0],
  "keys in open mode": [async () => ["--jwt-keys", await keys(good)], ["setting"], 2],
  "keys, and no page may come": [async () => [...members, "--jwt-keys", await keys(good)], ["origin-missing"], 1],
  "keys that others can read": [
    async () => [...members, ...proxy, ...app, "--jwt-keys", await keys(good, 0o644)],
    ["jwt-keys-readable"],
    1,
  ],
  "a secret that a person made up": [
    async () => [
      ...members,
      ...proxy,
      ...app,
      "--jwt-keys",
      await keys({ ...good, key: "my secret: nobody may know it, ever" }),
    ],
    ["weak-secret"],
    1,
  ],
  "a short secret": [
    async () => [...members, ...proxy, ...app, "--jwt-keys", await keys({ ...good, key: "short" })],
    ["jwt-keys"],
    2,
  ],
  "keys of another kind": [
    async () => [...members, ...proxy, ...app, "--jwt-keys", await keys({ ...good, alg: "ES256", key: RSA.publicKey })],
    ["jwt-keys"],
    2,
  ],
  "a key set that nobody serves": [
    async () => [
      ...members,
      ...proxy,
      ...app,
      "--jwt-keys",
      await keys({ alg: "ES256", issuer: "i", audience: "a", jwks: "https://127.0.0.1:1/jwks" }),
    ],
    ["key-set"],
    2,
  ],
  "a key set that is empty": [
    async () => {
      const set = await file("set.json", '{"keys":[]}')
      const path = await keys({ alg: "ES256", issuer: "i", audience: "a", jwks: set })
      return [...members, ...proxy, ...app, "--jwt-keys", path]
    },
    ["key-set"],
    2,
  ],
  "a data folder that is a file": [async () => ["--data", await file("data", "")], ["data-folder"], 2],
  "a data folder that cannot be made": [async () => ["--data", "/nowhere/at/all"], ["data-folder"], 2],
}

describe("quire check", () => {
  it.each(Object.entries(cases))("finds what there is with %s", async (_name, [args, names, exit]) => {
    const data = join(await temporaryFolder(), "data")
    expect(await check(["--data", data, ...(await args())])).toEqual({ names, exit })
  })

  it("says so in words, changes nothing, and repeats no secret", async () => {
    const folder = await temporaryFolder()
    const path = await keys({ ...good, alg: "HS512", key: good.key.slice(0, 40) })
    const args = ["check", "--data", join(folder, "data"), ...members, ...app, ...proxy, "--jwt-keys", path]
    const process = new QuireProcess(args)
    expect((await process.ended).code).toBe(2)
    expect(process.stdout).toContain("the secret has 40 bytes; HS512 needs 64 random ones")
    expect(process.stdout + process.stderr).not.toContain(good.key.slice(0, 12))
  })

  it.each(["this", "--secure"])("ends with 2 when it is not understood: %s", async (argument) => {
    const process = new QuireProcess(["check", argument])
    expect((await process.ended).code).toBe(2)
  })
})
