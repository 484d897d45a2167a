import { generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto"
import { isIP } from "node:net"

/** A certificate of one's own making, with its key, as PEM. */
export interface MadeCertificate {
  readonly cert: string
  readonly key: string
  /** SHA-256 of the certificate, as Node.js writes it. */
  readonly fingerprint: string
}

const DAY_MS = 86_400_000
const ECDSA_WITH_SHA256 = Buffer.from("06082a8648ce3d040302", "hex")
const COMMON_NAME = Buffer.from("0603550403", "hex")
const ALTERNATIVE_NAMES = Buffer.from("0603551d11", "hex")

/** Makes one that signs itself: X.509 version 3 (RFC 5280, section 4.1), P-256. @param days it ends so many days from now. */
export function makeCertificate(names: readonly string[] = ["127.0.0.1", "localhost"], days = 30): MadeCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const algorithm = der(0x30, ECDSA_WITH_SHA256)
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(names[0] ?? "quire")))))
  const now = Date.now()
  const validity = der(0x30, time(now - 60 * DAY_MS), time(now + days * DAY_MS))
  const extension = der(0x30, ALTERNATIVE_NAMES, der(0x04, der(0x30, ...names.map(alternative))))
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, extension)),
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign("sha256", content, privateKey)]))
  const lines =
    der(0x30, content, algorithm, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? []
  const cert = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 }
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body])
  const length = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...length), body])
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`))
}

function alternative(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Buffer.from(name.split(".").map(Number)))
  return der(0x82, Buffer.from(name))
}
