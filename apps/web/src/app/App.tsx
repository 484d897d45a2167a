import { assertNever } from "@quire/base"
import { useEffect, useRef } from "react"
import { usePathname } from "wouter/use-browser-location"
import { UpdateNotice } from "../device/UpdateNotice.js"
import { DocumentPage } from "../document/DocumentPage.js"
import { LibraryPage } from "../library/LibraryPage.js"
import { ErrorBoundary } from "./ErrorBoundary.js"
import { LostPage } from "./LostPage.js"
import { readRoute } from "./routes.js"
import { type Services, ServicesContext } from "./services.js"
import "./app.css"

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
  switch (route.kind) {
    case "library":
      return <LibraryPage />
    case "document":
      return <DocumentPage key={route.id} id={route.id} />
    case "lost":
      return <LostPage reason={route.reason} />
    default:
      return assertNever(route)
  }
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
