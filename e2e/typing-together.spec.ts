import { expect, saveLight, test } from "./fixtures.js"

test("two people type at once in one paragraph and in different ones, and see each other's carets", async ({
  people,
}) => {
  const [anna, ben] = await people(2)
  await anna.open("together")
  await ben.open("together")
  await anna.goTo(0)
  await anna.type("Shared line")
  await anna.page.keyboard.press("Enter")
  await anna.type("Anna's line")
  await expect.poll(() => ben.text()).toBe("Shared line\nAnna's line")
  await ben.goTo("Shared line")
  await Promise.all([anna.type(" one two three four five"), ben.type(" six seven eight nine ten")])
  await ben.goTo("Anna's line")
  await Promise.all([anna.type(" AAAAAAAAAA"), ben.type(" BBBBBBBBBB")])
  await expect([anna, ben]).toConverge()
  const text = await anna.text()
  expect(letters(text, "A")).toBe(11)
  expect(letters(text, "B")).toBe(10)
  expect(text).toContain("Shared line six seven eight nine ten")
  await expect(ben.page.getByText("Anna", { exact: true }).first()).toBeVisible()
})

test("five people write one page at the same time", async ({ people: make, complaints }) => {
  const people = await make(5)
  const [first] = people
  for (const one of people) await one.open("five")
  await first.goTo(0)
  for (let i = 0; i < people.length; i++) {
    await first.type(`Line ${i}:`)
    if (i < people.length - 1) await first.page.keyboard.press("Enter")
  }
  await expect(people).toConverge(/Line 4:/)
  // Each in a line of their own, then all in the first.
  await Promise.all(
    people.map(async (one, i) => {
      await one.goTo(i)
      await one.type(` own words of ${i}`)
    }),
  )
  await expect(people).toConverge()
  for (const one of people) await one.goTo(0)
  await Promise.all(people.map((one, i) => one.type(String(i).repeat(12))))
  await expect(people).toConverge()
  const text = await first.text()
  for (let i = 0; i < people.length; i++) {
    expect(text).toContain(`Line ${i}: own words of ${i}`)
    expect(letters(text.split("\n")[0] ?? "", String(i))).toBeGreaterThanOrEqual(12)
  }
  for (const one of people) await expect(saveLight(one)).toHaveText("Saved")
  await expect(first.page.getByRole("list", { name: "People here" }).getByRole("listitem")).toHaveCount(4)
  expect(complaints).toEqual([])
})

test("a paragraph becomes a heading while somebody else types in it, and no key is lost", async ({ people }) => {
  const [anna, ben] = await people(2)
  await anna.open("heading")
  await ben.open("heading")
  await anna.goTo(0)
  await anna.type("Plan: ")
  await expect.poll(() => ben.text()).toBe("Plan: ")
  await ben.goTo(0)
  const keys = "every single key of this sentence stays"
  const [h1, h2, paragraph] = ["Control+Alt+1", "Control+Alt+2", "Control+Alt+0"]
  await Promise.all([
    ben.page.keyboard.type(keys, { delay: 15 }),
    (async () => {
      for (const shortcut of [h1, h2, paragraph, h2, h1]) await anna.page.keyboard.press(shortcut, { delay: 60 })
    })(),
  ])
  await expect([anna, ben]).toConverge(`Plan: ${keys}`)
  for (const one of [anna, ben]) await expect(one.editor.getByRole("heading", { level: 1 })).toHaveText(/^Plan: /)
})

test("undo and redo touch only one's own edits", async ({ people }) => {
  const [anna, ben] = await people(2)
  await anna.open("undo")
  await ben.open("undo")
  await anna.goTo(0)
  await anna.type("Anna wrote this.")
  await expect.poll(() => ben.text()).toBe("Anna wrote this.")
  await ben.goTo(0)
  await ben.type(" Ben added that.")
  await expect.poll(() => anna.text()).toBe("Anna wrote this. Ben added that.")
  await anna.page.keyboard.press("Control+z")
  await expect([anna, ben]).toConverge(" Ben added that.")
  await anna.page.keyboard.press("Control+y")
  await expect([anna, ben]).toConverge("Anna wrote this. Ben added that.")
  await ben.page.getByRole("button", { name: "Undo" }).click()
  await expect([anna, ben]).toConverge("Anna wrote this.")
})

test("bold and italic reach the others, and one's own name can be changed", async ({ people }) => {
  const [anna, ben] = await people(2)
  await anna.open("marks")
  await ben.open("marks")
  await anna.goTo(0)
  await anna.page.keyboard.press("Control+b")
  await anna.type("strong")
  await anna.page.keyboard.press("Control+b")
  await anna.page.keyboard.press("Control+i")
  await anna.type("soft")
  await expect(ben.editor.locator("strong")).toHaveText("strong")
  await expect(ben.editor.locator("em")).toHaveText("soft")
  await anna.page.getByRole("button", { name: /^You are/ }).click()
  await anna.page.getByRole("textbox", { name: "Your name" }).fill("Anna Karenina")
  await anna.page.keyboard.press("Enter")
  await expect(ben.page.getByRole("list", { name: "People here" })).toContainText(/Anna Karenina|AK/)
})

function letters(text: string, letter: string): number {
  return text.split(letter).length - 1
}
