import type { DocumentKind } from "@quire/storage"

/** What a worker thread can be asked; each is a pure function of update bytes. */
export type Job =
  | { readonly kind: "merge"; readonly updates: readonly Uint8Array[] }
  | { readonly kind: "difference"; readonly update: Uint8Array; readonly stateVector: Uint8Array }
  | { readonly kind: "page"; readonly updates: readonly Uint8Array[] }
  | { readonly kind: "separate"; readonly base: readonly Uint8Array[]; readonly update: Uint8Array }
  | {
      readonly kind: "fold"
      readonly documentKind: DocumentKind
      readonly snapshot: Uint8Array | undefined
      readonly records: readonly { readonly author: string; readonly timeMs: number; readonly payload: Uint8Array }[]
    }
