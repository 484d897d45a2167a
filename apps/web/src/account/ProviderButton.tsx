/** The way to another server's page that signs in. A link, because it leaves the app. */
export function ProviderButton({ provider, to }: { readonly provider: string; readonly to: string }): React.ReactNode {
  return (
    <a className="button entrance-provider" href={`/api/oidc/start?to=${encodeURIComponent(to)}`}>
      Sign in with {provider}
    </a>
  )
}
