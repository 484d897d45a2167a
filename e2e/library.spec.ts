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
