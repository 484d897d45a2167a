import { openNotes } from "./notes.js"

const area = document.querySelector("textarea")
const status = document.querySelector("[role=status]")

let mayWrite = false
const fetchToken = async () => {
  const response = await fetch("/quire-token")
  if (!response.ok) throw new Error(await response.text())
  const answer = await response.json()
  mayWrite = answer.mayWrite
  return answer
}

const { ydoc, text, provider } = await openNotes(area.dataset.server, "app/notes", fetchToken)
provider.on("status", ({ status: now }) => {
  status.textContent = now
})
provider.once("sync", () => {
  area.value = text.toString()
  // A plain client that writes without the right is disconnected: do not let people try.
  area.readOnly = !mayWrite
})
text.observe(({ transaction }) => {
  if (!transaction.local) area.value = text.toString()
})
area.addEventListener("input", () => {
  const [old, now] = [text.toString(), area.value]
  let start = 0
  while (start < old.length && old[start] === now[start]) start++
  let end = 0
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++
  ydoc.transact(() => {
    text.delete(start, old.length - start - end)
    text.insert(start, now.slice(start, now.length - end))
  })
})
