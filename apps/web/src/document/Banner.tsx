import { Button } from "../ui/Button.js"
import "./banner.css"

interface BannerProps {
  /** `alert` interrupts: something went wrong and needs the person. `note` does not. */
  readonly tone: "alert" | "note"
  readonly children: React.ReactNode
  /** What can be done about it: words and deeds. */
  readonly actions?: readonly { readonly label: string; readonly onClick: () => void }[]
}

/** A sentence over the text, and what can be done. */
export function Banner({ tone, children, actions = [] }: BannerProps): React.ReactNode {
  return (
    <div className="banner" data-tone={tone} role={tone === "alert" ? "alert" : "note"}>
      <p>{children}</p>
      {actions.map(({ label, onClick }) => (
        <Button key={label} onClick={onClick}>
          {label}
        </Button>
      ))}
    </div>
  )
}
