import { useEffect, useEffectEvent, useSyncExternalStore } from "react"
import type { PageSession } from "../document/page-session.js"
import type { Host } from "./host.js"

/** Close code (PROTOCOL.md): the token has ended. */
const SIGNED_OUT = 4401

interface InFrameProps {
  readonly session: PageSession
  /** The application around the frame. */
  readonly host: Host
}

/** Keeps an open document and the application around it in step: tokens one way, what is saved the other. */
export function InFrame({ session, host }: InFrameProps): React.ReactNode {
  const { provider } = session
  const isSaved = useSyncExternalStore(provider.subscribe, () => provider.getStatus().save.kind === "saved")
  const isSignedOut = useSyncExternalStore(provider.subscribe, () => {
    const { connection } = provider.getStatus()
    return connection.kind === "refused" && connection.code === SIGNED_OUT
  })
  useEffect(() => host.tellSaved(isSaved), [host, isSaved])
  useEffect(() => {
    if (isSignedOut) host.wantToken()
  }, [host, isSignedOut])
  const handleToken = useEffectEvent(() => {
    if (isSignedOut) provider.retry()
    else provider.renewToken(host.token())
  })
  useEffect(() => host.subscribe(() => handleToken()), [host])
  return null
}
