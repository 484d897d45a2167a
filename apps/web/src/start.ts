import { readRoute } from "./app/routes.js"
import { createServices, type Services } from "./app/services.js"

/**
 * What happens before the page's code is all there: `main.tsx` imports this first, so that a document's socket and its
 * copy on the device are being opened while the editor's modules are still run.
 */
export const services: Services = createServices(window)

const route = readRoute(window.location.pathname)
const who = services.who.get()
// Where somebody has to be known first, the server would only refuse us.
const mayOpen = who.kind !== "unknown" || who.mayBeOpen
if (route.kind === "document" && mayOpen) services.sessions.prepare(route.id)
