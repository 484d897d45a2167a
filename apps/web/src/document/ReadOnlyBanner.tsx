import { Banner } from "./Banner.js"

interface ReadOnlyBannerProps {
  /** Whether the server said that the page needs a newer Quire; else it was found in the text. */
  readonly isSchemaBehind: boolean
  /** Whether the person could write until now, and has to be told at once that no key has an effect any more. */
  readonly isInterrupting: boolean
}

/** Why the page can be read and not written, where that is this build's fault and not the person's rights. */
export function ReadOnlyBanner({ isSchemaBehind, isInterrupting }: ReadOnlyBannerProps): React.ReactNode {
  return (
    <Banner
      tone={isInterrupting ? "alert" : "note"}
      actions={[{ label: "Reload", onClick: () => window.location.reload() }]}
    >
      {isSchemaBehind
        ? "Update needed: this page is written with a newer Quire. Reload to get it; until then you can only read here."
        : "This page holds something that this version of Quire does not know, so you can only read it here. A newer version, after a reload, may know it."}
    </Banner>
  )
}
