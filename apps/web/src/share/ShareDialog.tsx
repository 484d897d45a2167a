import { mayDo, type Role } from "@quire/access"
import { useMemo } from "react"
import { type Access, createAccessApi } from "../api/access.js"
import { useServices } from "../app/services.js"
import { Button } from "../ui/Button.js"
import { Dialog } from "../ui/Dialog.js"
import { useLoaded } from "../ui/use-loaded.js"
import { Links } from "./Links.js"
import { Members } from "./Members.js"
import { PublicPage } from "./PublicPage.js"
import { ROLE_SENTENCES } from "./role-words.js"
import "../ui/rows.css"
import "./share.css"

interface ShareDialogProps {
  /** The document's name. */
  readonly document: string
  /** What the person is to it. */
  readonly role: Role
  readonly onClose: () => void
}

/** Who may do what with a document: for owners to change, for others to know. */
export function ShareDialog({ document, role, onClose }: ShareDialogProps): React.ReactNode {
  return (
    <Dialog title={role === "owner" ? "Share" : "Who may do what"} onClose={onClose}>
      {role !== "owner" && <p>{ROLE_SENTENCES[role]}</p>}
      {mayDo(role, "see-access") && <AccessLists document={document} role={role} />}
    </Dialog>
  )
}

interface AccessListsProps {
  readonly document: string
  readonly role: Role
}

function AccessLists({ document, role }: AccessListsProps): React.ReactNode {
  const { call } = useServices()
  const api = useMemo(() => createAccessApi(call), [call])
  const { loaded, reload } = useLoaded<Access>(() => api.load(document))
  if (loaded.kind === "loading") return <p className="share-waiting appears-late">Loading…</p>
  if (loaded.kind === "failed") {
    return (
      <div className="share-waiting" role="alert">
        <p>{loaded.reason}</p>
        <Button onClick={reload}>Try again</Button>
      </div>
    )
  }
  const { members, links, publication } = loaded.value
  const mayShare = mayDo(role, "share")
  const mayPublish = mayDo(role, "publish")
  return (
    <>
      <Members api={api} document={document} members={members} mayShare={mayShare} onChange={reload} />
      <Links api={api} document={document} links={links} mayShare={mayShare} onChange={reload} />
      {(mayPublish || publication !== undefined) && (
        <PublicPage api={api} document={document} publication={publication} mayPublish={mayPublish} onChange={reload} />
      )}
    </>
  )
}
