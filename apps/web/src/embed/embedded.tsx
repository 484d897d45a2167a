import { QuireError } from "@quire/base"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { createCall } from "../api/call.js"
import { askWho } from "../api/who.js"
import { readRoute } from "../app/routes.js"
import { assemble, type Services, ServicesContext } from "../app/services.js"
import { WhoKeeper } from "../app/who-keeper.js"
import { browserClock } from "../device/platform.js"
import { DocumentPage } from "../document/DocumentPage.js"
import { Host } from "./host.js"

/** An application that has not answered by then is told of. */
const PATIENCE_MS = 10_000

/** Shows a document in a frame of another application's page, once that has said who sits there. */
export async function showEmbedded(root: HTMLElement): Promise<void> {
  const view = createRoot(root)
  const say = (sentence: string): void => view.render(<Sentence text={sentence} />)
  const route = readRoute(window.location.pathname)
  if (route.kind !== "embedded") return say("There is no document at this address.")
  if (window.parent === window) return say(NOT_FRAMED)
  const host = new Host({ window, clock: browserClock })
  const stopWaiting = browserClock.schedule(PATIENCE_MS, () => say(NO_ANSWER))
  await host.whenKnown()
  stopWaiting()
  const services = await servicesOf(host)
  if (typeof services === "string") return say(services)
  view.render(
    <StrictMode>
      <ServicesContext value={services}>
        <DocumentPage id={route.id} />
      </ServicesContext>
    </StrictMode>,
  )
}

/** The services of whom the application has sent, or a sentence about why there are none. */
async function servicesOf(host: Host): Promise<Services | string> {
  const call = createCall((input, init) =>
    // A cookie of somebody who is signed in to Quire in this browser must not decide here.
    fetch(input, {
      ...init,
      credentials: "omit",
      headers: { ...init?.headers, authorization: `Bearer ${host.token()}` },
    }),
  )
  try {
    const answer = await askWho(call)
    if (answer.mode !== "members" || answer.person === undefined) return NOT_LET_IN
    const who = new WhoKeeper({ ask: () => askWho(call), storage: noStorage })
    who.become(answer.person)
    return assemble(window, { call, who, storage: noStorage, token: () => host.token, host, user: answer.person.id })
  } catch (error) {
    if (!(error instanceof QuireError)) throw error
    return `The document cannot be opened: ${error.message}.`
  }
}

/** Who sits here is known from the application alone. */
function noStorage(): Storage {
  throw new DOMException("not used in a frame", "SecurityError")
}

function Sentence({ text }: { readonly text: string }): React.ReactNode {
  return (
    <main id="content" className="message-page" tabIndex={-1}>
      <p>{text}</p>
    </main>
  )
}

const NOT_FRAMED = "This address shows a document within the page of another application. Open it there."
const NO_ANSWER =
  "The page around this one has not said who you are. If it is yours: it has to answer the message “ready” with a token."
const NOT_LET_IN = "The page around this one has sent a token that this server does not take. Its log says why."
