import { Entrance } from "./Entrance.js"
import { NewAccountForm } from "./NewAccountForm.js"
import { useAccountApi } from "./use-account-api.js"

/** Makes the first account of a server, with the link that it printed when it started. */
export function SetupPage({ secret }: { readonly secret: string }): React.ReactNode {
  const api = useAccountApi()
  return (
    <Entrance
      title="Set up Quire"
      lead="This is the first account of this server. It can invite the others and look after them."
    >
      <NewAccountForm secret={secret} label="Set up" onSend={(account) => api.setUp(account)} />
    </Entrance>
  )
}
