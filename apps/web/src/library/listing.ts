import { QuireError } from "@quire/base"
import type { DeviceLibrary, KnownListing } from "@quire/provider"
import type { Api, DocumentEntry } from "../api/client.js"
import { sendWaitingTitles } from "./waiting-titles.js"

/** A document in the list. */
export interface ListedRow {
  /** What is known of it; its title is the one this person gave it last. */
  readonly entry: DocumentEntry
  /** True if it opens now: a server is there, or a copy on this device. */
  readonly isAvailable: boolean
}

/** What is known of the list of documents. */
export type Listing =
  | { readonly kind: "loading" }
  | {
      readonly kind: "ready"
      /** The server's list. */
      readonly rows: readonly ListedRow[]
      /** When the list came, in milliseconds since the epoch. */
      readonly loadedMs: number
    }
  | {
      readonly kind: "on-device"
      /** What this device knows of the list, without a server. */
      readonly rows: readonly ListedRow[]
      /** When it was read, in milliseconds since the epoch. */
      readonly loadedMs: number
    }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string | undefined }

/** What listing takes from its surroundings. */
export interface ListingOptions {
  /** The server. */
  readonly api: Pick<Api, "listDocuments" | "renameDocument">
  /** What this device knows. */
  readonly library: Pick<DeviceLibrary, "list" | "keepList" | "waitingTitles" | "settleTitle">
}

/**
 * The server's list, after the titles that waited here were sent; the device remembers it.
 *
 * @throws QuireError if the server gives none; the signal's reason when it fires.
 */
export async function loadFromServer(
  { api, library }: ListingOptions,
  signal: AbortSignal,
): Promise<readonly ListedRow[]> {
  const listed = await api.listDocuments({ signal })
  let documents = listed
  try {
    const renamed = new Map((await sendWaitingTitles({ api, library })).map((entry) => [entry.id, entry]))
    documents = listed.map((entry) => renamed.get(entry.id) ?? entry)
    await library.keepList(documents)
  } catch (error) {
    if (!isOfDevice(error)) throw error // without a device's memory the server's list is all there is
  }
  return newestFirst(documents.map((entry) => ({ entry, isAvailable: true })))
}

/** What this device knows of the list; none if it knows nothing, or there is no asking it. */
export async function loadFromDevice({ library }: Pick<ListingOptions, "library">): Promise<readonly ListedRow[]> {
  try {
    return newestFirst((await library.list()).map(asRow))
  } catch (error) {
    if (isOfDevice(error)) return []
    throw error
  }
}

/** Why there is no list, in words. */
export function failure(error: unknown): Listing {
  if (error instanceof QuireError) return { kind: "failed", message: error.message, hint: error.hint }
  return { kind: "failed", message: error instanceof Error ? error.message : String(error), hint: undefined }
}

function asRow({ entry, isOnDevice, waitingTitle }: KnownListing): ListedRow {
  return { entry: { ...entry, title: waitingTitle ?? entry.title }, isAvailable: isOnDevice }
}

function newestFirst(rows: readonly ListedRow[]): readonly ListedRow[] {
  return [...rows].sort((a, b) => b.entry.changedMs - a.entry.changedMs)
}

function isOfDevice(error: unknown): boolean {
  return error instanceof QuireError || error instanceof DOMException
}
