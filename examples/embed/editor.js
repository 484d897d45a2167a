// The page around the frame: it tells Quire who sits here, and asks before it is left with something unsaved.
const frame = document.querySelector("iframe")
const quire = new URL(frame.src).origin
let isSaved = true

async function sendToken() {
  const response = await fetch("/quire-token")
  if (!response.ok) return // nobody is signed in any more: Quire asks again, and says so in the end
  const { token } = await response.json()
  frame.contentWindow.postMessage({ quire: 1, kind: "token", token }, quire)
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== quire || data?.quire !== 1) return
  if (data.kind === "ready" || data.kind === "token-wanted") void sendToken()
  if (data.kind === "status") isSaved = data.isSaved
})
// The frame may have been ready before this script was.
void sendToken()

window.addEventListener("beforeunload", (event) => {
  if (!isSaved) event.preventDefault()
})
