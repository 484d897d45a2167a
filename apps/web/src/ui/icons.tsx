/** The icons, drawn on a 20 × 20 grid in the colour of the text. Decoration only: what they stand on has a name. */

function Icon({ path }: { readonly path: string }): React.ReactNode {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" focusable="false">
      <path d={path} stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}

/** Back to where one came from. */
export function BackIcon(): React.ReactNode {
  return <Icon path="M12 4.5 6.5 10l5.5 5.5" />
}

/** Something new. */
export function PlusIcon(): React.ReactNode {
  return <Icon path="M10 4.5v11M4.5 10h11" />
}

/** Take back. */
export function UndoIcon(): React.ReactNode {
  return <Icon path="M7.5 4.5 4 8l3.5 3.5M4.5 8h7a4 4 0 0 1 0 8H9" />
}

/** Put back. */
export function RedoIcon(): React.ReactNode {
  return <Icon path="M12.5 4.5 16 8l-3.5 3.5M15.5 8h-7a4 4 0 0 0 0 8H11" />
}

/** A page of text. */
export function PageIcon(): React.ReactNode {
  return <Icon path="M5.5 3.5h6l3.5 3.5v9.5h-9.5zM11.5 3.5v3.5h3.5M8 10.5h4.5M8 13.5h4.5" />
}

/** Content of another kind. */
export function PlainIcon(): React.ReactNode {
  return <Icon path="M7 6 3.5 10 7 14M13 6l3.5 4-3.5 4" />
}
