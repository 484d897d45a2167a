import type { Role } from "@quire/access"
import { lazy, Suspense, useState } from "react"
import { Button } from "../ui/Button.js"

const ShareDialog = lazy(async () => ({ default: (await import("./ShareDialog.js")).ShareDialog }))

interface ShareButtonProps {
  /** The document's name. */
  readonly document: string
  /** What the person is to it. */
  readonly role: Role
}

/** Opens what is said, and can be done, about who may do what here. */
export function ShareButton({ document, role }: ShareButtonProps): React.ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button className="share-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {role === "owner" ? "Share" : "Access"}
      </Button>
      {isOpen && (
        <Suspense>
          <ShareDialog document={document} role={role} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
