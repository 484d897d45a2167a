/** Quire's mark, drawn here rather than loaded, so that it is there when the server is not. Decoration. */
export function Mark(): React.ReactNode {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" fill="none" aria-hidden="true" focusable="false">
      <path d="M7 6.5C7 5.7 7.7 5 8.5 5H20l5 5v15.5c0 .8-.7 1.5-1.5 1.5h-15c-.8 0-1.5-.7-1.5-1.5z" fill="#2f5fd0" />
      <path d="M20 5l5 5h-3.5C20.7 10 20 9.3 20 8.5z" fill="#a9c0f5" />
      <path d="M11 14.5h10M11 18.5h10M11 22.5h6" stroke="#fff" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  )
}
