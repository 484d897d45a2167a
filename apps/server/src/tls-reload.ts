import { type Clock, QuireError } from "@quire/base"
import type { Logger } from "pino"
import { isInForce, readTlsPair, type TlsFiles, type TlsPair } from "./tls.js"

/** The certificate of a server that runs. */
export interface Certificates {
  /** The one that was read last and could be used. */
  readonly pair: TlsPair
  /** Reads the files again. @param use gets the new certificate, if it can be used; otherwise the old one stays. */
  reload(use: (pair: TlsPair) => void): Promise<void>
}

/**
 * Reads the certificate. One that is not in force is served, and said: people then see their browser's warning instead
 * of nothing. It never replaces one that is.
 *
 * @throws QuireError `QUIRE_TLS_FILES`
 */
export async function openCertificates(files: TlsFiles, clock: Clock, logger: Logger): Promise<Certificates> {
  let pair = await readTlsPair(files)
  if (!isInForce(pair, clock.now())) logger.warn({ event: "tls.not-in-force", ...told(pair) })
  return {
    get pair() {
      return pair
    },
    reload: async (use) => {
      try {
        const next = await readTlsPair(files)
        if (!isInForce(next, clock.now())) {
          throw new QuireError("QUIRE_TLS_FILES", `the certificate in ${files.certFile} is not in force`)
        }
        use(next)
        pair = next
        logger.info({ event: "tls.reloaded", ...told(pair) })
      } catch (error) {
        logger.error({
          event: "tls.kept",
          reason: error instanceof Error ? error.message : String(error),
          ...told(pair),
        })
      }
    },
  }
}

/** What an operator wants to know of it. */
function told({ certificate }: TlsPair): { readonly names: string; readonly validTo: string } {
  return { names: certificate.subjectAltName ?? certificate.subject, validTo: certificate.validTo }
}
