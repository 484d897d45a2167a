import { createPrivateKey, X509Certificate } from "node:crypto"
import { readFile } from "node:fs/promises"
import { QuireError } from "@quire/base"

/** Where the certificate and its key lie. */
export interface TlsFiles {
  /** PEM: the server's certificate first, then those that lead to a known one. */
  readonly certFile: string
  /** PEM, without a passphrase. */
  readonly keyFile: string
}

/** A certificate with its key, read and found to belong together. */
export interface TlsPair {
  readonly cert: string
  readonly key: string
  /** The server's own certificate. */
  readonly certificate: X509Certificate
}

/**
 * Reads both files.
 *
 * @throws QuireError `QUIRE_TLS_FILES`, with a sentence about the file that is wrong; never with anything out of it.
 */
export async function readTlsPair(files: TlsFiles): Promise<TlsPair> {
  const cert = await readPem(files.certFile, "certificate")
  const key = await readPem(files.keyFile, "key")
  const certificate = parse(() => new X509Certificate(cert), `${files.certFile} holds no certificate in PEM form`)
  const privateKey = parse(() => createPrivateKey(key), `${files.keyFile} holds no private key in PEM form`)
  if (!certificate.checkPrivateKey(privateKey)) {
    throw wrong(`the key of ${files.keyFile} is not that of the certificate in ${files.certFile}`)
  }
  return { cert, key, certificate }
}

/** True if the certificate is good at this moment. @param nowMs milliseconds since the epoch of Unix. */
export function isInForce({ certificate }: TlsPair, nowMs: number): boolean {
  return Date.parse(certificate.validFrom) <= nowMs && nowMs < Date.parse(certificate.validTo)
}

async function readPem(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8")
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    throw wrong(`the ${what}'s file ${file} cannot be read (${code})`)
  }
}

function parse<T>(read: () => T, otherwise: string): T {
  try {
    return read()
  } catch {
    throw wrong(otherwise) // the library's own words are no help, and might quote the file
  }
}

function wrong(message: string): QuireError {
  return new QuireError("QUIRE_TLS_FILES", message, {
    hint: "Give a certificate and its key with --tls-cert and --tls-key, both in PEM form and without a passphrase.",
  })
}
