import { ACCOUNT_STATES } from "./every-state.js"
import { expect, test } from "./fixtures.js"
import { picture, sticksOut, violations } from "./looks.js"
import { MEMBERS, makeDocument, makeLink, PASSWORD, setUp } from "./members.js"

test.use({ serverArgs: MEMBERS })

test("pages of a server with accounts: nothing sticks out or is wrong for axe, wide and narrow, light and dark", async ({
  server,
  person,
}) => {
  test.slow()
  const anna = await person("Anna")
  const guest = await person("Ben")
  const look = async (state: string, page = anna.page): Promise<void> => {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }) // no colour on its way to another
        await picture(page, `${state}-${width}-${colorScheme}`)
        // Colours do not change with the width, nor places with the colours.
        if ((width === 390) === (colorScheme === "dark"))
          expect(await violations(page), `${state}, ${width}`).toEqual([])
      }
      expect(await sticksOut(page), `${state}, ${width} px`).toEqual([])
    }
    await page.setViewportSize({ width: 1280, height: 800 })
  }
  await anna.page.goto(await server.setUpLink())
  await expect(anna.page.getByRole("heading", { name: "Set up Quire" })).toBeVisible()
  await look("setup")
  await setUp(server, anna)
  const document = await makeDocument(anna)
  const link = await makeLink(anna, { role: "Can comment", password: PASSWORD, views: 5 })
  await anna.page.goto("/people")
  await anna.page.getByRole("button", { name: "Make an invitation" }).click()
  const invitation = await anna.page.getByLabel("The invitation's link").inputValue()
  for (const [state, reach] of Object.entries(ACCOUNT_STATES)) {
    await look(state, await reach({ anna, guest, document, link, invitation }))
  }
})
