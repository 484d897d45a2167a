import { useState } from "react"
import type { SignedIn } from "../api/who.js"
import { signInPath } from "../app/going.js"
import { Button } from "../ui/Button.js"
import { Link } from "../ui/Link.js"
import { SignOut } from "./SignOut.js"
import "./person-menu.css"

/** Who one is here, and the ways to one's account and out. */
export function PersonMenu({ person }: { readonly person: SignedIn }): React.ReactNode {
  const [isLeaving, setLeaving] = useState(false)
  return (
    <div className="person-menu">
      <p className="person-menu-name">
        <bdi>{person.name}</bdi>
        <span>{person.email ?? "Guest"}</span>
      </p>
      {person.kind === "account" && <Link href="/account">Your account</Link>}
      {person.isAdmin && <Link href="/people">People</Link>}
      {person.kind === "guest" && <a href={signInPath(window.location.pathname)}>Sign in with an account</a>}
      {person.kind !== "token" && <Button onClick={() => setLeaving(true)}>Sign out</Button>}
      {isLeaving && <SignOut onClose={() => setLeaving(false)} />}
    </div>
  )
}
