import { createEditor, type Editor } from "@quire/editor"
import "@quire/editor/editor.css"
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from "react"
import { useServices } from "../app/services.js"
import type { PageSession } from "./page-session.js"

interface EditorSurfaceProps {
  /** An open session whose body was synced and fits the schema. */
  readonly session: PageSession
  readonly isEditable: boolean
  /** Told of the editor once it is there, and with `undefined` when it is gone. */
  readonly onEditor: (editor: Editor | undefined) => void
}

/** The one place where an editor meets the page. */
export function EditorSurface({ session, isEditable, onEditor }: EditorSurfaceProps): React.ReactNode {
  const { clock, random } = useServices()
  const mount = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor>(undefined)
  const open = useEffectEvent((element: HTMLElement): Editor => {
    const { ydoc, awareness } = session
    return createEditor({
      mount: element,
      ydoc,
      watch: session.watchBody(),
      awareness,
      random,
      clock,
      isEditable,
      label: "Page text",
      hint: "Write something…",
    })
  })
  const tell = useEffectEvent(onEditor)

  // Before the painting, which would show an empty page in between.
  useLayoutEffect(() => {
    // Something may have arrived since the last rendering; the next one does not have this component.
    if (mount.current === null || !session.watchBody().getCheck().ok) return
    const opened = open(mount.current)
    editor.current = opened
    tell(opened)
    return () => {
      editor.current = undefined
      tell(undefined)
      opened.close()
    }
  }, [session])

  useEffect(() => editor.current?.setEditable(isEditable), [isEditable])

  return <div className="editor-surface" id="page-text" ref={mount} />
}
