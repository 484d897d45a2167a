import { readRoute } from "./app/routes.js"
import { createServices, type Services } from "./app/services.js"

/**
 * What happens before the page's code is all there: `main.tsx` imports this first, so that a document's socket and its
 * copy on the device are being opened while the editor's modules are still run.
 */
export const services: Services | undefined = start()

/** Nothing in a frame: who sits there is told by the page around it. */
function start(): Services | undefined {
  // Whatever follows, also no document's name: the app with its cookies must never be where pages of others may frame it.
  if (window.location.pathname.startsWith("/embed/")) return undefined
  const route = readRoute(window.location.pathname)
  const made = createServices(window)
  const who = made.who.get()
  // Where somebody has to be known first, the server would only refuse us.
  const mayOpen = who.kind !== "unknown" || who.mayBeOpen
  if (route.kind === "document" && mayOpen) made.sessions.prepare(route.id)
  return made
}
