import { QuireError } from "@quire/base"
import { useEffect, useState } from "react"
import type { OpenedInvitation } from "../api/account.js"
import { NOT_FOUND } from "../api/call.js"
import { Button } from "../ui/Button.js"
import { Link } from "../ui/Link.js"
import { sentenceOf } from "../ui/use-form.js"
import { Entrance } from "./Entrance.js"
import { NewAccountForm } from "./NewAccountForm.js"
import { useAccountApi } from "./use-account-api.js"

type Invited =
  | { readonly kind: "loading" }
  | { readonly kind: "open"; readonly invitation: OpenedInvitation }
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly reason: string }

/** Makes an account with an invitation. */
export function JoinPage({ secret }: { readonly secret: string }): React.ReactNode {
  const api = useAccountApi()
  const [round, setRound] = useState(0)
  const [invited, setInvited] = useState<Invited>({ kind: "loading" })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks again
  useEffect(() => {
    let hasLeft = false
    api.openInvitation(secret).then(
      (invitation) => {
        if (!hasLeft) setInvited({ kind: "open", invitation })
      },
      (error: unknown) => {
        if (!hasLeft) setInvited(notOpened(error))
      },
    )
    return () => {
      hasLeft = true
    }
  }, [api, secret, round])

  switch (invited.kind) {
    case "loading":
      return <Entrance title="Invitation" />
    case "gone":
      return (
        <Entrance
          title="This invitation is not good any more"
          lead="It was used, withdrawn, or is too old. Ask whoever sent it for another one."
        >
          <p>
            <Link href="/sign-in">Sign in</Link> if you have an account already.
          </p>
        </Entrance>
      )
    case "failed":
      return (
        <Entrance title="Invitation" lead={invited.reason}>
          <Button onClick={() => setRound(round + 1)}>Try again</Button>
        </Entrance>
      )
    default: {
      const { invitedBy, email } = invited.invitation
      return (
        <Entrance title={`${invitedBy} invites you to Quire`} lead="Make an account to write together.">
          <NewAccountForm
            secret={secret}
            label="Join"
            email={email}
            onSend={(account) => api.acceptInvitation(account)}
          />
        </Entrance>
      )
    }
  }
}

function notOpened(error: unknown): Invited {
  if (error instanceof QuireError && error.code === NOT_FOUND) return { kind: "gone" }
  return { kind: "failed", reason: sentenceOf(error) }
}
