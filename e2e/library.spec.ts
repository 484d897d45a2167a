import { untilShellIsKept } from "./device.js"
import { expect, saveLight, test } from "./fixtures.js"

test("a newcomer makes a document, names it, finds it again, and others see its name", async ({
  person,
  complaints,
}) => {
  const anna = await person("Anna")
  await anna.page.goto("/")
  await anna.page.getByRole("button", { name: "New document" }).first().click()
  await expect(anna.page).toHaveURL(/\/d\/[0-9A-Za-z]{22}$/)
  await expect(anna.page.getByLabel("Title")).toBeFocused()
  await anna.type("Trip to the coast")
  await anna.page.keyboard.press("Enter")
  await expect(anna.editor).toBeFocused()
  await anna.type("Bring a hat.")
  await expect(saveLight(anna)).toHaveText("Saved")
  await expect(anna.page).toHaveTitle(/Trip to the coast/)
  const ben = await person("Ben")
  await ben.page.goto(anna.page.url())
  await expect(ben.page.getByLabel("Title")).toHaveValue("Trip to the coast")
  await anna.page.getByRole("link", { name: "All documents" }).click()
  await anna.page.getByRole("link", { name: /Trip to the coast/ }).click()
  await expect.poll(() => anna.text()).toBe("Bring a hat.")
  expect(complaints).toEqual([])
})

test("the policy of every page forbids inline script and foreign hosts, and nothing on it breaks that", async ({
  person,
  server,
  complaints,
}) => {
  const anna = await person("Anna")
  const response = await anna.page.goto("/")
  const policy = response?.headers()["content-security-policy"] ?? ""
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toContain("unsafe")
  await anna.page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP ${event.violatedDirective}`))
  })
  const ben = await person("Ben")
  await anna.open("policy")
  await ben.open("policy")
  await anna.goTo(0)
  await anna.type("carets, titles, selections")
  await anna.page.keyboard.press("Control+a")
  await anna.page.keyboard.press("Control+c")
  await ben.goTo(0)
  await ben.type("x")
  await expect.poll(() => anna.text()).toContain("x")
  await anna.page.keyboard.press("Control+v")
  expect(complaints).toEqual([])
  expect(server.url).toMatch(/^http:/)
})

test("without a server the documents this device knows are listed and open, and a new title waits", async ({
  person,
  server,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  const title = anna.page.getByLabel("Title")
  await anna.open("trip")
  await untilShellIsKept(anna.page)
  await title.fill("Trip to the coast")
  await title.press("Enter")
  await anna.type("Bring a hat.")
  await expect(saveLight(anna)).toHaveText("Saved")
  await ben.open("minutes")
  await ben.page.getByLabel("Title").fill("Ben's minutes")
  await expect(saveLight(ben)).toHaveText("Saved")
  await anna.page.getByRole("link", { name: "All documents" }).click()
  await expect(anna.page.getByRole("link", { name: /Ben's minutes/ })).toBeVisible()
  await server.kill()
  await anna.page.reload()
  await expect(anna.page.getByText("Offline: the documents this device knows")).toBeVisible()
  await expect(anna.page.getByRole("link", { name: /Ben's minutes\s*not available offline/ })).toBeVisible()
  await expect(anna.page.getByRole("link", { name: /Trip.*not available/ })).toHaveCount(0)
  await anna.page.getByRole("link", { name: /Trip to the coast/ }).click()
  await expect(anna.editor).toHaveText("Bring a hat.")
  await expect(title).toHaveValue("Trip to the coast")
  await expect(saveLight(anna)).toHaveText("Offline, on this device")
  await title.fill("Trip to the hills")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 1 edit waiting")
  const questions: string[] = []
  anna.page.on("dialog", (dialog) => {
    questions.push(dialog.type())
    void dialog.accept()
  })
  await anna.page.reload()
  await expect(title).toHaveValue("Trip to the hills")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 1 edit waiting")
  await anna.page.goto("/")
  await expect(anna.page.getByRole("link", { name: /Trip to the hills/ })).toBeVisible()
  expect(questions).toEqual([])
  await anna.page.getByRole("button", { name: "Try again" }).click()
  await expect(anna.page.getByText("Offline: the documents this device knows")).toBeVisible()
  await server.start()
  // The page tries again by itself.
  await expect(anna.page.getByText("Offline: the documents this device knows")).toHaveCount(0)
  await expect(anna.page.getByRole("link", { name: /Trip to the hills/ })).toBeVisible()
  await ben.page.goto("/")
  await expect(ben.page.getByRole("link", { name: /Trip to the hills/ })).toBeVisible()
})

test("a title given without a server is sent by the open page once there is one", async ({ person, server }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("open")
  await anna.goTo(0)
  await anna.type("Text.")
  await expect(saveLight(anna)).toHaveText("Saved")
  await server.kill()
  await anna.page.getByLabel("Title").fill("Given offline")
  await expect(saveLight(anna)).toHaveText("Saved on this device, 1 edit waiting")
  await server.start()
  await expect(saveLight(anna)).toHaveText("Saved")
  await ben.open("open")
  await expect(ben.page.getByLabel("Title")).toHaveValue("Given offline")
})
