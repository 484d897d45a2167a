import { assertNever } from "@quire/base"
import { lazy, Suspense, useEffect, useRef } from "react"
import { navigate, usePathname } from "wouter/use-browser-location"
import { UpdateNotice } from "../device/UpdateNotice.js"
import { DocumentPage } from "../document/DocumentPage.js"
import { useWho } from "../hooks/use-who.js"
import { LibraryPage } from "../library/LibraryPage.js"
import { ErrorBoundary } from "./ErrorBoundary.js"
import { signInPath } from "./going.js"
import { LostPage } from "./LostPage.js"
import { type Route, readRoute } from "./routes.js"
import { type Services, ServicesContext } from "./services.js"
import { useWatchWho } from "./use-watch-who.js"
import "./app.css"

// Nobody needs these to write: they are loaded when they are shown.
const AccountPage = lazy(async () => ({ default: (await import("../account/AccountPage.js")).AccountPage }))
const JoinPage = lazy(async () => ({ default: (await import("../account/JoinPage.js")).JoinPage }))
const LinkPage = lazy(async () => ({ default: (await import("../account/LinkPage.js")).LinkPage }))
const PeoplePage = lazy(async () => ({ default: (await import("../people/PeoplePage.js")).PeoplePage }))
const ResetPage = lazy(async () => ({ default: (await import("../account/ResetPage.js")).ResetPage }))
const SetupPage = lazy(async () => ({ default: (await import("../account/SetupPage.js")).SetupPage }))
const SignInPage = lazy(async () => ({ default: (await import("../account/SignInPage.js")).SignInPage }))

/** The whole app: an address becomes a page. */
export function App({ services }: { readonly services: Services }): React.ReactNode {
  const pathname = usePathname()
  useFocusAfterNavigation(pathname)
  return (
    <ServicesContext value={services}>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <ErrorBoundary key={pathname}>
        <Page pathname={pathname} />
      </ErrorBoundary>
      <UpdateNotice />
    </ServicesContext>
  )
}

function Page({ pathname }: { readonly pathname: string }): React.ReactNode {
  const route = readRoute(pathname)
  const isEntrance = isOneOf(route, "setup", "join", "reset", "link", "sign-in")
  useWatchWho(isEntrance)
  const who = useWho()
  if (isEntrance || route.kind === "lost") return <Shown route={route} />
  const isWaiting = who.kind === "unknown" && (!who.mayBeOpen || route.kind === "account" || route.kind === "people")
  if (isWaiting) return <Waiting />
  // Where somebody's sign-in has ended, an open text stays where it is; lists come from the server or not at all.
  const isOut = who.kind === "nobody" || (who.kind === "somebody" && who.hasLapsed && route.kind !== "document")
  if (isOut) return <ToSignIn />
  if (who.kind === "open" && isOneOf(route, "account", "people")) return <LostPage reason={NO_ACCOUNTS} />
  return <Shown route={route} />
}

function Shown({ route }: { readonly route: Route }): React.ReactNode {
  return <Suspense fallback={<Waiting />}>{pageOf(route)}</Suspense>
}

function pageOf(route: Route): React.ReactNode {
  switch (route.kind) {
    case "library":
      return <LibraryPage />
    case "document":
      return <DocumentPage key={route.id} id={route.id} />
    case "setup":
      return <SetupPage secret={route.secret} />
    case "join":
      return <JoinPage secret={route.secret} />
    case "reset":
      return <ResetPage secret={route.secret} />
    case "link":
      return <LinkPage secret={route.secret} />
    case "sign-in":
      return <SignInPage />
    case "account":
      return <AccountPage />
    case "people":
      return <PeoplePage />
    case "embedded": // shown without the app around it: see `main.tsx`
      return <LostPage reason="this address is for frames" />
    case "lost":
      return <LostPage reason={route.reason} />
    default:
      return assertNever(route)
  }
}

const NO_ACCOUNTS = "this server has no accounts"

function isOneOf(route: Route, ...kinds: readonly Route["kind"][]): boolean {
  return kinds.includes(route.kind)
}

function Waiting(): React.ReactNode {
  return (
    <main id="content" className="message-page" tabIndex={-1}>
      <p className="appears-late">Loading…</p>
    </main>
  )
}

/** Goes to the page that signs in, which leads back here. */
function ToSignIn(): React.ReactNode {
  useEffect(() => {
    navigate(signInPath(window.location.pathname), { replace: true })
  }, [])
  return <Waiting />
}

/** After going to another page, the focus is in it and not on a link that is gone. The first page is the browser's. */
function useFocusAfterNavigation(pathname: string): void {
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    const content = document.getElementById("content")
    if (content !== null && !content.contains(document.activeElement)) content.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [pathname])
}
