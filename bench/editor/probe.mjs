// What is read inside the measured page. Runs there, before the page's own scripts, and is the same for both pages.

/** Installs `window.probe`. @param options.blocks how many blocks the whole text has; `mark`: the watched letter. */
export function installProbe({ blocks, mark }) {
  if (window !== window.top) return
  /** Calls back once what is in the DOM now has been painted: a message posted in a frame comes after its painting. */
  const afterPaint = (then) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => then(performance.now())
      port2.postMessage(undefined)
    })
  }
  const probe = {
    /** When the whole text stood in an editor that may be written in, in ms since the navigation began. */
    editableAt: undefined,
    /** Of each key, ms from the browser's event to after the next painting. */
    keys: [],
    /** Of each letter of the watched writer, when it was painted, in ms of the page's clock. */
    marks: [],
    now: () => performance.timeOrigin + performance.now(),
    editor: () => document.querySelector(".ProseMirror"),
    /** Counts the watched letters of a block from now on. */
    watch: (block) => {
      const editor = probe.editor()
      let element = editor.children[block]
      let seen = 0
      new MutationObserver(() => {
        if (!element.isConnected) element = editor.children[block]
        const count = element.textContent.split(mark).length - 1
        if (count <= seen) return
        const fresh = count - seen
        seen = count
        afterPaint((at) => {
          for (let i = 0; i < fresh; i++) probe.marks.push(performance.timeOrigin + at)
        })
      }).observe(editor, { subtree: true, childList: true, characterData: true })
    },
  }
  window.probe = probe
  addEventListener(
    "keydown",
    ({ timeStamp }) => afterPaint((at) => probe.keys.push(at - timeStamp)),
    // Before the page hears of it, so that what it asks for in this frame is not before the painting.
    { capture: true },
  )
  const observer = new MutationObserver(() => {
    const editor = probe.editor()
    if (editor === null || !editor.isContentEditable || editor.childElementCount < blocks) return
    observer.disconnect()
    afterPaint((at) => {
      probe.editableAt = at
    })
  })
  observer.observe(document, { subtree: true, childList: true })
}
