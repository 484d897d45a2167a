import type { BodyCheck } from "@quire/document"
import type { Editor, EditorStatus } from "@quire/editor"
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react"
import { useServices } from "../app/services.js"
import type { Who } from "../app/who-keeper.js"
import { type Standing, useStanding } from "../hooks/use-status.js"
import { useWho } from "../hooks/use-who.js"
import { BackIcon } from "../ui/icons.js"
import { Link } from "../ui/Link.js"
import { Banner } from "./Banner.js"
import { EditorSurface } from "./EditorSurface.js"
import { NotSharedPage } from "./NotSharedPage.js"
import { People } from "./People.js"
import type { PageSession } from "./page-session.js"
import { ReadableText } from "./ReadableText.js"
import { ReadOnlyBanner } from "./ReadOnlyBanner.js"
import { RefusedBanner } from "./RefusedBanner.js"
import { RightsBanner } from "./RightsBanner.js"
import { withoutCode } from "./refusal-words.js"
import { SaveLight } from "./SaveLight.js"
import { TitleField } from "./TitleField.js"
import { Toolbar } from "./Toolbar.js"
import type { TitleKeeper } from "./title-keeper.js"
import "./document.css"

const ShareButton = lazy(async () => ({ default: (await import("../share/ShareButton.js")).ShareButton }))
const InFrame = lazy(async () => ({ default: (await import("../embed/InFrame.js")).InFrame }))
const SignedOutBanner = lazy(async () => ({ default: (await import("./SignedOutBanner.js")).SignedOutBanner }))

/** Close codes (PROTOCOL.md): the sign-in has ended; this person may not. */
const SIGNED_OUT = 4401
const FORBIDDEN = 4403

interface PageDocumentProps {
  /** The document's name. */
  readonly id: string
  readonly session: PageSession
  readonly titles: TitleKeeper
}

/** A page and everything around it. */
export function PageDocument({ id, session, titles }: PageDocumentProps): React.ReactNode {
  const { identity, host } = useServices()
  const who = useWho()
  const self = useSyncExternalStore(identity.subscribe, identity.get)
  const status = useStanding(session.provider)
  const { title, entry, save } = useSyncExternalStore(titles.subscribe, titles.getState)
  const [editor, setEditor] = useState<Editor>()
  const editorStatus = useEditorStatus(editor)
  const toolbar = useRef<HTMLDivElement>(null)
  const check = useBodyCheck(session, status.isReadable)
  const isReadOnly = (status.grant !== undefined && status.grant !== "write") || check?.ok === false
  const couldWrite = useOnce(editor !== undefined && !isReadOnly)
  useWatchRights(status, titles)
  useTitleGuard(save.kind !== "saved" && save.kind !== "on-device")

  const handleKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key !== "F10" || !event.altKey) return
    event.preventDefault()
    toolbar.current?.querySelector<HTMLButtonElement>('button[tabindex="0"]')?.focus()
  }

  const { connection } = status
  const isForbidden = connection.kind === "refused" && connection.code === FORBIDDEN
  if (isForbidden && !status.isReadable) return <NotSharedPage />
  const role = typeof entry === "object" ? entry.role : undefined
  // In a frame nothing leads out of it, and nothing is shared from it.
  const account = who.kind === "somebody" && host === undefined ? who.person : undefined
  return (
    <>
      <header className="page-header">
        {host === undefined && (
          <Link className="page-back" href="/" aria-label="All documents" title="All documents">
            <BackIcon />
          </Link>
        )}
        <SaveLight provider={session.provider} titles={titles} />
        {isReadOnly ? (
          <p className="page-read-only">Read only</p>
        ) : (
          <Toolbar editor={editor} status={editorStatus} ref={toolbar} />
        )}
        <div className="page-corner">
          {account !== undefined && role !== undefined && (
            <Suspense>
              <ShareButton document={id} role={role} />
            </Suspense>
          )}
          <People
            awareness={session.awareness}
            self={self}
            account={account}
            onRename={host === undefined ? (name) => identity.rename(name) : undefined}
          />
        </div>
      </header>
      <main id="content" className="page" tabIndex={-1} onKeyDown={handleKeyDown}>
        {host !== undefined && (
          <Suspense>
            <InFrame session={session} host={host} />
          </Suspense>
        )}
        <Notices session={session} title={title} status={status} check={check} couldWrite={couldWrite} />
        <TitleField
          title={title}
          isKnown={entry !== "unknown"}
          isReadOnly={isReadOnly}
          hasFirstFocus={isNewDocument() && title === ""}
          onEdit={(text) => titles.edit(text)}
          onBlur={() => titles.flush()}
          onLeaveDown={() => editor?.focus()}
        />
        <Text session={session} check={check} status={status} isReadOnly={isReadOnly} onEditor={setEditor} />
      </main>
    </>
  )
}

interface TextProps {
  readonly session: PageSession
  readonly check: BodyCheck | undefined
  readonly status: Standing
  readonly isReadOnly: boolean
  readonly onEditor: (editor: Editor | undefined) => void
}

/** The text once it is known, and never before: an empty page to write on would be a lie until then. */
function Text({ session, check, status, isReadOnly, onEditor }: TextProps): React.ReactNode {
  if (check === undefined) return <div className="page-opening">{openingWords(status)}</div>
  if (!check.ok) return <ReadableText ydoc={session.ydoc} />
  const isEditable = !isReadOnly && status.connection.kind !== "refused"
  return <EditorSurface session={session} isEditable={isEditable} onEditor={onEditor} />
}

function openingWords({ connection }: Standing): React.ReactNode {
  if (connection.kind === "refused") return null
  const isFailing = connection.kind === "waiting" || (connection.kind === "connecting" && connection.attempt > 1)
  if (!isFailing) return <p className="appears-late">Opening…</p>
  return (
    <p className="appears-late">
      The server cannot be reached, and this device has no copy of this document. Trying again…
    </p>
  )
}

interface NoticesProps {
  readonly session: PageSession
  readonly title: string
  readonly status: Standing
  readonly check: BodyCheck | undefined
  /** Whether the person could write here before. */
  readonly couldWrite: boolean
}

function Notices({ session, title, status, check, couldWrite }: NoticesProps): React.ReactNode {
  const who = useWho()
  const [dismissed, setDismissed] = useState<unknown>()
  const { connection } = status
  if (connection.kind === "refused" && connection.code === SIGNED_OUT && mayReturn(who)) {
    return (
      <Suspense>
        <SignedOutBanner person={who.person} ways={who.ways} onBack={() => session.provider.retry()} />
      </Suspense>
    )
  }
  if (connection.kind === "refused") {
    return <RefusedBanner session={session} title={title} code={connection.code} reason={connection.reason} />
  }
  if (status.isSchemaBehind || check?.ok === false) {
    return <ReadOnlyBanner isSchemaBehind={status.isSchemaBehind} isInterrupting={couldWrite} />
  }
  if (couldWrite && status.grant !== undefined && status.grant !== "write") {
    return <RightsBanner session={session} title={title} grant={status.grant} />
  }
  const newest = status.notices.at(-1)
  if (newest === undefined || newest === dismissed) return null
  return (
    <Banner tone="note" actions={[{ label: "Dismiss", onClick: () => setDismissed(newest) }]}>
      {withoutCode(newest.text)}
    </Banner>
  )
}

/** Whether somebody can sign in again: a guest can only follow their link again. */
function mayReturn(who: Who): who is Who & { readonly kind: "somebody" } {
  return who.kind === "somebody" && who.person.kind === "account"
}

/** What the person may do has changed, or they are refused: title, role and sign-in may have changed with it. */
function useWatchRights({ grant, connection }: Standing, titles: TitleKeeper): void {
  const { who } = useServices()
  const refused = connection.kind === "refused" ? connection.code : undefined
  const first = useRef(grant)
  const ask = useEffectEvent(() => {
    if (who.get().kind === "open") return
    if (refused !== undefined) void who.refresh()
    if (grant !== first.current) void titles.refresh()
    first.current = grant
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks when one of them changes
  useEffect(() => ask(), [grant, refused])
}

/** Whether the body fits the schema, and goes on to; `undefined` before it is known. */
function useBodyCheck(session: PageSession, isReadable: boolean): BodyCheck | undefined {
  const watch = isReadable ? session.watchBody() : undefined
  return useSyncExternalStore(watch?.subscribe ?? subscribeToNothing, watch?.getCheck ?? getNothing)
}

/** Whether something was true, now or in an earlier rendering. */
function useOnce(isTrue: boolean): boolean {
  const [wasTrue, setWasTrue] = useState(isTrue)
  if (isTrue && !wasTrue) setWasTrue(true)
  return wasTrue
}

function useEditorStatus(editor: Editor | undefined): EditorStatus | undefined {
  return useSyncExternalStore(editor?.subscribe ?? subscribeToNothing, editor?.getStatus ?? getNothing)
}

function subscribeToNothing(): () => void {
  return () => undefined
}

function getNothing(): undefined {
  return undefined
}

/** Asks before the browser leaves while the title is unsaved. */
function useTitleGuard(isUnsaved: boolean): void {
  const { unsaved } = useServices()
  useEffect(() => (isUnsaved ? unsaved.hold() : undefined), [unsaved, isUnsaved])
}

/** Whether this page was reached by making the document. */
function isNewDocument(): boolean {
  const state: unknown = window.history.state
  return typeof state === "object" && state !== null && "isNew" in state
}
