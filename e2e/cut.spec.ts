import { expect, saveLight, test } from "./fixtures.js"
import { readEvents, untruths, watchLight } from "./light-watch.js"

const CUTS = 3

test("the connection is cut again and again while two people type, and every key arrives once", async ({ people }) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("cut")
  await anna.goTo(0)
  await anna.type("A: ")
  await anna.page.keyboard.press("Enter")
  await anna.type("B: ")
  await expect([anna, ben]).toConverge("A: \nB: ")
  await anna.goTo(0)
  await ben.goTo(1)
  const typeThroughCut = async (): Promise<void> => {
    await anna.type("sent, on its way, ")
    // At once: the last keys have left and are not acknowledged, or have not left at all.
    anna.network.cut()
    await anna.type("not sent. ")
  }
  for (let i = 0; i < CUTS; i++) {
    await Promise.all([typeThroughCut(), ben.type("Ben goes on and on. ")])
    // What was typed since is nowhere but in Anna's page, and the light must not say otherwise.
    await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
    await expect([anna, ben]).not.toConverge()
    anna.network.heal()
    await expect(saveLight(anna)).toHaveText("Saved")
  }
  const annas = "sent, on its way, not sent. ".repeat(CUTS)
  await expect([anna, ben]).toConverge(`A: ${annas}\nB: ${"Ben goes on and on. ".repeat(CUTS)}`)
})

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const KEYS = 600

for (const seed of [1, 2]) {
  test(`the connection is cut at random while ${KEYS} keys are typed, and the light says the truth throughout: seed ${seed}`, async ({
    people,
    person,
    server,
  }) => {
    const random = randomFrom(seed)
    const [anna, ben] = await people(2)
    await watchLight(anna.page)
    for (const one of [anna, ben]) await one.open("random")
    await anna.goTo(0)
    await anna.type("A: ")
    await anna.page.keyboard.press("Enter")
    await anna.type("B: ")
    await expect([anna, ben]).toConverge("A: \nB: ")
    await anna.goTo(0)
    await ben.goTo(1)
    const typed = { anna: "", ben: "" }
    let cuts = 0
    while (typed.anna.length < KEYS) {
      const burst = letters(random, 1 + Math.floor(random() * 40))
      const bensBurst = letters(random, 1 + Math.floor(random() * 10))
      // In the middle of the keys, wherever the last ones may be at that moment.
      await Promise.all([anna.type(burst), ben.type(bensBurst)])
      typed.anna += burst
      typed.ben += bensBurst
      const dice = random()
      if (anna.network.state === "cut") {
        if (dice < 0.5) {
          anna.network.heal()
          if (dice < 0.4) await expect(saveLight(anna)).toHaveText("Saved")
        } else if (dice < 0.7) await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
      } else if (dice < 0.5) {
        anna.network.cut()
        cuts++
      } else if (dice < 0.6) await expect(saveLight(anna)).toHaveText("Saved")
    }
    anna.network.heal()
    for (const one of [anna, ben]) await expect(saveLight(one)).toHaveText("Saved")
    const text = `A: ${typed.anna}\nB: ${typed.ben}`
    await expect([anna, ben]).toConverge(text)
    const events = await readEvents(anna.page)
    expect(untruths(events)).toEqual([])
    const lights = new Set(
      events.flatMap((event) => (event.kind === "light" ? [event.text.replace(/\d+ edits?/, "n")] : [])),
    )
    expect([...lights]).toEqual(expect.arrayContaining(["Saved", "Saving…", "Saved on this device, n waiting"]))
    expect(cuts).toBeGreaterThan(3)
    // What the light called saved is on the server's disk and nowhere else.
    for (const one of [anna, ben]) await one.context.close()
    await server.kill()
    await server.start()
    const carla = await person("Carla")
    await carla.open("random")
    expect(await carla.text()).toBe(text)
  })
}

function letters(random: () => number, count: number): string {
  return Array.from({ length: count }, () => "abcdefghijklmnopqrstuvwxyz "[Math.floor(random() * 27)]).join("")
}
