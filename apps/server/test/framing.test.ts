import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { KEYS_FILE } from "./auth/jwt-corpus.js"
import { serverForTest, temporaryFolder } from "./harness.js"

const PATHS = [
  "/",
  "/d/plan",
  "/sign-in",
  "/account",
  "/s/abc",
  "/api/session",
  "/embed",
  "/%65mbed/plan",
  "/embedded",
  "/d/embed/x",
]

it("only documents under /embed/ may be framed, and only by the origins that are named", async () => {
  const file = join(await temporaryFolder(), "keys.json")
  await writeFile(file, JSON.stringify(KEYS_FILE), { mode: 0o600 })
  const origins = ["--frame-origin", "https://app.example/", "--frame-origin", "http://127.0.0.1:4500"]
  const server = await serverForTest({ args: ["--access", "members", "--jwt-keys", file, ...origins] })
  const ancestors = async (path: string): Promise<string | undefined> => ancestorsOf(`${server.http}${path}`)

  for (const path of ["/embed/plan", "/embed/caf%C3%A9/plan", "/embed/x?y=1"]) {
    expect(await ancestors(path), path).toBe("https://app.example http://127.0.0.1:4500")
  }
  for (const path of PATHS) expect(await ancestors(path), path).toBe("'none'")
  const [framed, page] = await Promise.all([fetch(`${server.http}/embed/plan`), fetch(`${server.http}/d/plan`)])
  const rest = ({ headers }: Response): readonly unknown[] =>
    [...headers].filter(([name]) => name !== "date" && name !== "content-security-policy")
  expect(rest(framed)).toEqual(rest(page))
  expect(await framed.text()).toBe(await page.text())
})

it("nothing may be framed unless somebody is named", async () => {
  const server = await serverForTest({ args: ["--access", "members"] })
  for (const path of [...PATHS, "/embed/plan"]) expect(await ancestorsOf(`${server.http}${path}`), path).toBe("'none'")
})

/** Who may frame an address, as its policy says. */
async function ancestorsOf(url: string): Promise<string | undefined> {
  const policy = (await fetch(url)).headers.get("content-security-policy") ?? ""
  return /(?:^|; )frame-ancestors ([^;]*)/.exec(policy)?.[1]
}
