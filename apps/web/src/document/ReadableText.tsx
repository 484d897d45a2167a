import { readBody } from "@quire/document"
import { showBody } from "@quire/editor"
import "@quire/editor/editor.css"
import { useEffect, useRef } from "react"
import type * as Y from "yjs"
import { useServices } from "../app/services.js"
import "./readable-text.css"

const WORDS = {
  unknown: "Something that this version of Quire cannot show",
  more: "The page goes on, but this version of Quire shows no more of it",
}

/** What others change is shown at most this often: a page that no editor is bound to is read anew as a whole. */
const REDRAW_MS = 1_000

/** A page that no editor may be mounted on, as far as it can be shown. It follows what others write. */
export function ReadableText({ ydoc }: { readonly ydoc: Y.Doc }): React.ReactNode {
  const { clock } = useServices()
  const mount = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (mount.current === null) return
    const shown = showBody(mount.current, WORDS)
    let cancel: (() => void) | undefined
    const draw = (): void => {
      cancel = undefined
      shown.update(readBody(ydoc))
    }
    const drawSoon = (): void => {
      cancel ??= clock.schedule(REDRAW_MS, draw)
    }
    draw()
    ydoc.on("update", drawSoon)
    return () => {
      ydoc.off("update", drawSoon)
      cancel?.()
      shown.close()
    }
  }, [ydoc, clock])
  return (
    <section className="page-text readable-text" id="page-text" aria-label="Page text" translate="no" ref={mount} />
  )
}
