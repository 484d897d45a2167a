// Typing as a browser gets it from its user: raw key events through the devtools protocol.
import { setTimeout as wait } from "node:timers/promises"
import * as prng from "lib0/prng"

const LETTERS = "etaoin shrdlu "
/** Between two keys: 150 to 250 ms, so that they fall anywhere between two frames. */
const PAUSE_MS = 150
const JITTER_MS = 100

/** Types `count` letters where the caret is. @returns them. */
export async function typeKeys(session, count, seed) {
  const random = prng.create(seed)
  const handled = []
  let typed = ""
  for (let nth = 0; nth < count; nth++) {
    const letter = LETTERS[prng.uint32(random, 0, LETTERS.length - 1)]
    typed += letter
    // Not awaited: people do not wait either, and what queues up counts.
    handled.push(pressKey(session, letter))
    await wait(PAUSE_MS + prng.uint32(random, 0, JITTER_MS))
  }
  await Promise.all(handled)
  return typed
}

async function pressKey(session, letter) {
  const upper = letter.toUpperCase()
  const key = {
    key: letter,
    code: letter === " " ? "Space" : `Key${upper}`,
    windowsVirtualKeyCode: upper.charCodeAt(0),
  }
  await Promise.all([
    session.send("Input.dispatchKeyEvent", { type: "keyDown", text: letter, unmodifiedText: letter, ...key }),
    session.send("Input.dispatchKeyEvent", { type: "keyUp", ...key }),
  ])
}
