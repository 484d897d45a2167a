import { useState } from "react"
import { PasswordForm } from "../account/PasswordForm.js"
import { ProviderButton } from "../account/ProviderButton.js"
import type { SignedIn, Ways } from "../api/who.js"
import { useServices } from "../app/services.js"
import { Dialog } from "../ui/Dialog.js"
import { Banner } from "./Banner.js"

interface SignedOutBannerProps {
  /** Who was signed in. */
  readonly person: SignedIn
  readonly ways: Ways
  /** The same person is signed in again: the document goes on where it was. */
  readonly onBack: () => void
}

/** The sign-in has ended while a document was open: the text stays, and the way back in is here. */
export function SignedOutBanner({ person, ways, onBack }: SignedOutBannerProps): React.ReactNode {
  const { who } = useServices()
  const [isAsking, setAsking] = useState(false)
  const handleSignedIn = (again: SignedIn): void => {
    setAsking(false)
    who.become(again)
    if (again.id === person.id) onBack()
  }
  return (
    <>
      <Banner tone="alert" actions={[{ label: "Sign in again", onClick: () => setAsking(true) }]}>
        You are not signed in any more. What you wrote is still here; sign in again to save it and go on.
      </Banner>
      {isAsking && (
        <Dialog title="Sign in again" onClose={() => setAsking(false)}>
          {ways.hasPassword && <PasswordForm email={person.email} onSignedIn={handleSignedIn} />}
          {ways.provider !== undefined && <ProviderButton provider={ways.provider} to={window.location.pathname} />}
        </Dialog>
      )}
    </>
  )
}
