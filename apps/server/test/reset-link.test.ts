import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { serverForTest, temporaryFolder, waitUntil } from "./harness.js"
import { ADA } from "./members.js"
import { QuireProcess } from "./quire-process.js"

async function resetLink(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const quire = new QuireProcess(["reset-link", ...args])
  const { code } = await quire.ended
  return { code, said: quire.stdout + quire.stderr }
}

async function post(base: string, path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" }
  return await fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) })
}

describe("quire reset-link", () => {
  it("lets a lone administrator choose another password, once the server is stopped", async () => {
    const server = await serverForTest({ args: ["--access", "members"] })
    const setUpSecret = (): string | undefined => /\/setup\/(\S+)/.exec(server.process.stdout)?.[1]
    await waitUntil(server.process.subscribe, () => setUpSecret() !== undefined, "the set-up link")
    const setUp = setUpSecret()
    expect((await post(server.http, "/api/setup", { secret: setUp, ...ADA })).status).toBe(201)

    const running = await resetLink(ADA.email, "--data", server.folder)
    expect(running.code).toBe(1)
    expect(running.said).toMatch(/^No link: the data folder .* is in use by another process\. Stop the server first/)

    await server.stop()
    const { code, said } = await resetLink(` ${ADA.email.toUpperCase()} `, "--data", server.folder)
    expect(code).toBe(0)
    const secret = /^\/reset\/([A-Za-z0-9_-]{43})\n.*within 24 hours/.exec(said)?.[1]
    expect(secret).toBeDefined()
    await server.restart()
    const password = "a password that is new"
    expect((await post(server.http, "/api/resets/use", { secret, password })).status).toBe(200)
    expect((await post(server.http, "/api/sign-in", { email: ADA.email, password })).status).toBe(200)
    expect((await post(server.http, "/api/sign-in", { email: ADA.email, password: ADA.password })).status).toBe(401)
    expect((await post(server.http, "/api/resets/use", { secret, password })).status).toBe(404)
    await server.stop()
    const files = await readdir(server.folder, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      expect((await readFile(join(file.parentPath, file.name))).includes(secret ?? "")).toBe(false)
    }
    const nobody = await resetLink("eve@example.org", "--data", server.folder)
    expect(nobody).toEqual({ code: 1, said: expect.stringMatching(/^No link: there is no account with .*eve@example/) })
  })

  it("makes no folder, and says what it must be told", async () => {
    const folder = join(await temporaryFolder(), "nowhere")
    expect(await resetLink("a@example.org", "--data", folder)).toEqual({
      code: 1,
      said: expect.stringContaining("is not a data folder of Quire"),
    })
    await expect(readdir(folder)).rejects.toThrow("ENOENT")
    for (const args of [[], ["a@example.org"], ["--data", folder], ["a@example.org", "b", "--data", folder]]) {
      expect(await resetLink(...args)).toEqual({
        code: 1,
        said: expect.stringContaining("quire reset-link EMAIL --data DIR"),
      })
    }
    expect((await resetLink("a@example.org", "--data", folder, "--port", "1")).said).toContain("--port is not for")
  })
})
