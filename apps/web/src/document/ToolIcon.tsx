/** An icon on a 20 × 20 grid in the colour of the text. Decoration only: the button it stands on has a name. */
export function ToolIcon({ path, weight = 1.6 }: { readonly path: string; readonly weight?: number }): React.ReactNode {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" focusable="false">
      <path d={path} stroke="currentColor" strokeWidth={weight} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
