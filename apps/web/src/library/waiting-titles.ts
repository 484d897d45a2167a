import { QuireError } from "@quire/base"
import type { DeviceLibrary } from "@quire/provider"
import type { Api, DocumentEntry } from "../api/client.js"

/** What sending takes from its surroundings. */
export interface WaitingTitlesOptions {
  /** The server. */
  readonly api: Pick<Api, "renameDocument">
  /** Where the titles wait. */
  readonly library: Pick<DeviceLibrary, "waitingTitles" | "settleTitle">
}

/**
 * Sends the titles that were given on this device without a server. One that the server does not take goes on waiting:
 * whoever opens its document is told why.
 *
 * @returns the documents that have another title now, as the server gives them.
 * @throws QuireError if there is no asking the device.
 */
export async function sendWaitingTitles({ api, library }: WaitingTitlesOptions): Promise<readonly DocumentEntry[]> {
  const renamed: DocumentEntry[] = []
  for (const { id, title } of await library.waitingTitles()) {
    try {
      renamed.push(await api.renameDocument(id, title))
      await library.settleTitle(id, title)
    } catch (error) {
      if (!(error instanceof QuireError)) throw error
      if (error.code === "QUIRE_UNREACHABLE") break // the others would not fare better
    }
  }
  return renamed
}
