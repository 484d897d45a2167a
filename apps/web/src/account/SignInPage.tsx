import { useEffect, useState } from "react"
import { goingTo } from "../app/going.js"
import { useServices } from "../app/services.js"
import { useWho } from "../hooks/use-who.js"
import { Link } from "../ui/Link.js"
import { Entrance } from "./Entrance.js"
import { PasswordForm } from "./PasswordForm.js"
import { ProviderButton } from "./ProviderButton.js"
import { providerProblem } from "./provider-problem.js"

/** Signs in, and leads on to where one was going. */
export function SignInPage(): React.ReactNode {
  const { who } = useServices()
  const now = useWho()
  const [to] = useState(() => goingTo(window.location.search))
  const [problem] = useState(() => providerProblem(window.location.search))
  const isIn = now.kind === "somebody" && !now.hasLapsed
  useEffect(() => {
    if (isIn) window.location.replace(to)
  }, [isIn, to])

  if (now.kind === "open") {
    return (
      <Entrance title="Nobody has to sign in here" lead="This server is open: whoever reaches it may write.">
        <p>
          <Link href="/">All documents</Link>
        </p>
      </Entrance>
    )
  }
  if (now.kind === "nobody" && now.needsSetup) {
    return (
      <Entrance
        title="This server is not set up yet"
        lead="Whoever runs it finds a link in what it printed when it started; that link makes the first account."
      />
    )
  }
  const ways = now.kind === "unknown" || isIn ? undefined : now.ways
  const { hasPassword = false, provider } = ways ?? {}
  return (
    <Entrance
      title="Sign in"
      lead={ways === undefined || to === "/" ? undefined : "Then you get to the page that you asked for."}
    >
      {/* There before it speaks: some screen readers miss live regions that come with their words. */}
      {problem !== undefined && (
        <p className="form-failure" role="alert">
          {ways !== undefined && problem}
        </p>
      )}
      {provider !== undefined && <ProviderButton provider={provider} to={to} />}
      {provider !== undefined && hasPassword && <p className="entrance-or">or</p>}
      {hasPassword && <PasswordForm onSignedIn={(person) => who.become(person)} />}
    </Entrance>
  )
}
