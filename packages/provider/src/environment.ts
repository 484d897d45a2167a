/** What a page may hear of the world around it. */
export type Signal =
  /** The network is back. */
  | "online"
  /** The network is gone. */
  | "offline"
  /** The page is seen again. */
  | "visible"
  /** The page came back out of the browser's back-forward cache, or was shown for the first time. */
  | "restored"

/** The page's surroundings, as a port. */
export interface Environment {
  /** False if the device knows that it has no network; true promises nothing. */
  isOnline(): boolean
  /** True while nobody sees the page, whose timers the browser then holds back. Left out: always seen. */
  isHidden?(): boolean
  /** Calls `listener` at each signal. @returns the undo. */
  subscribe(listener: (signal: Signal) => void): () => void
}

const NOWHERE: Environment = { isOnline: () => true, subscribe: () => () => undefined }

/** The browser's signals in a page; nothing anywhere else. */
export function defaultEnvironment(): Environment {
  const isPage = typeof window === "object" && typeof document === "object"
  if (!isPage) return NOWHERE
  return {
    isOnline: () => navigator.onLine,
    isHidden: () => document.visibilityState === "hidden",
    subscribe: subscribeToPage,
  }
}

function subscribeToPage(listener: (signal: Signal) => void): () => void {
  const stop = new AbortController()
  const { signal } = stop
  window.addEventListener("online", () => listener("online"), { signal })
  window.addEventListener("offline", () => listener("offline"), { signal })
  window.addEventListener("pageshow", () => listener("restored"), { signal })
  const seen = (): void => {
    if (document.visibilityState === "visible") listener("visible")
  }
  document.addEventListener("visibilitychange", seen, { signal })
  return () => stop.abort()
}
