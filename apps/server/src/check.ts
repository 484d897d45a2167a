import { access, constants, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { QuireError } from "@quire/base"
import { KEY_SET_LIMITS, publicKeys } from "./auth/jwt-key-set.js"
import { readKeySet, readKeysFile } from "./auth/jwt-tokens.js"
import { Oidc, type OidcSetting } from "./auth/oidc.js"
import { addressFindings, type CheckFinding, certificateFindings } from "./check-findings.js"
import type { Config } from "./config.js"
import { systemClock, systemRandom } from "./system.js"
import { readTlsPair } from "./tls.js"

/** What a check amounts to: the process's exit code. */
export const CheckExit = {
  /** Nothing was found. */
  Sound: 0,
  /** It would start, and something about it is unsafe. */
  Unsafe: 1,
  /** It would not start, or not work. */
  Wrong: 2,
} as const
export type CheckExit = (typeof CheckExit)[keyof typeof CheckExit]

/** What is looked at: settings, or the reasons why there are none. */
export interface Checked {
  readonly config: Config | undefined
  readonly problems: readonly string[]
}

/**
 * `quire check`: says what is unsafe or wrong about settings, and the files and addresses they name. Changes nothing and
 * listens nowhere.
 *
 * @param nowMs milliseconds since the epoch of Unix. @param say takes lines.
 */
export async function runCheck(checked: Checked, nowMs: number, say: (line: string) => void): Promise<CheckExit> {
  const findings = checked.problems.map((what): CheckFinding => ({ kind: "wrong", name: "setting", what }))
  if (checked.config !== undefined) findings.push(...(await look(checked.config, nowMs)))
  for (const { kind, name, what } of findings) say(`${kind} (${name}): ${what}.`)
  if (findings.length === 0) say("Nothing unsafe or wrong was found.")
  if (findings.some(({ kind }) => kind === "wrong")) return CheckExit.Wrong
  return findings.length === 0 ? CheckExit.Sound : CheckExit.Unsafe
}

async function look(config: Config, nowMs: number): Promise<readonly CheckFinding[]> {
  return [
    ...addressFindings(config),
    ...(await lookAtFolder(config.dataDir)),
    ...(await lookAtCertificate(config, nowMs)),
    ...(await lookAtKeys(config.jwtKeysFile)),
    ...(await lookAtProvider(config.oidc)),
  ]
}

async function lookAtFolder(folder: string): Promise<readonly CheckFinding[]> {
  const there = await modeOf(folder)
  if (there === undefined) {
    const parent = dirname(resolve(folder))
    if (await mayWrite(parent)) return []
    return [{ kind: "wrong", name: "data-folder", what: `the data folder ${folder} cannot be made in ${parent}` }]
  }
  if (!there.isDirectory()) return [{ kind: "wrong", name: "data-folder", what: `${folder} is not a folder` }]
  if (!(await mayWrite(folder))) {
    return [{ kind: "wrong", name: "data-folder", what: `the data folder ${folder} cannot be written to` }]
  }
  // The folder that holds it may be closed to others; the server itself makes it so that only its user gets in.
  return (there.mode & 0o002) === 0
    ? []
    : [
        {
          kind: "unsafe",
          name: "data-folder",
          what: `everybody on this machine may write to the data folder ${folder}`,
        },
      ]
}

async function lookAtCertificate({ tls, host }: Config, nowMs: number): Promise<readonly CheckFinding[]> {
  if (tls === undefined) return []
  const findings = [...(await lookAtSecrecy(tls.keyFile, "tls-key-readable", "the certificate's key"))]
  try {
    const { certificate } = await readTlsPair(tls)
    findings.push(...certificateFindings(certificate, host, nowMs))
  } catch (error) {
    if (!(error instanceof QuireError)) throw error
    findings.push({ kind: "wrong", name: "tls-files", what: error.message })
  }
  return findings
}

async function lookAtKeys(file: string | undefined): Promise<readonly CheckFinding[]> {
  if (file === undefined) return []
  const findings = [...(await lookAtSecrecy(file, "jwt-keys-readable", "the keys file"))]
  try {
    const { keys, doubts } = await readKeysFile(file)
    findings.push(...doubts.map((what): CheckFinding => ({ kind: "unsafe", name: "weak-secret", what })))
    const places = new Set(keys.flatMap((key) => (key.kind === "set" ? [key.jwks] : [])))
    for (const place of places) findings.push(...(await lookAtKeySet(file, place)))
  } catch (error) {
    if (!(error instanceof QuireError)) throw error
    findings.push({ kind: "wrong", name: "jwt-keys", what: error.message })
  }
  return findings
}

async function lookAtKeySet(file: string, place: string): Promise<readonly CheckFinding[]> {
  try {
    const { keys } = publicKeys(await readKeySet(file, place))
    if (keys.length > 0) return []
    return [{ kind: "wrong", name: "key-set", what: `the key set ${place} has no public key` }]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const limit = `at most ${KEY_SET_LIMITS.bytes} bytes within ${KEY_SET_LIMITS.timeMs / 1_000} s`
    return [{ kind: "wrong", name: "key-set", what: `the key set ${place} cannot be read (${limit}): ${reason}` }]
  }
}

async function lookAtProvider(setting: OidcSetting | undefined): Promise<readonly CheckFinding[]> {
  if (setting === undefined) return []
  const findings = [...(await lookAtSecrecy(setting.secretFile, "oidc-secret-readable", "the client secret's file"))]
  try {
    const oidc = await Oidc.open(setting, { clock: systemClock, random: systemRandom })
    await oidc.discover()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what = error instanceof QuireError ? reason : `the provider ${setting.issuer} cannot be reached: ${reason}`
    findings.push({ kind: "wrong", name: "oidc", what })
  }
  return findings
}

/** Files with secrets are their owner's alone. Systems without such modes say nothing. */
async function lookAtSecrecy(file: string, name: string, what: string): Promise<readonly CheckFinding[]> {
  const there = await modeOf(file)
  if (there === undefined || process.platform === "win32" || (there.mode & 0o044) === 0) return []
  return [{ kind: "unsafe", name, what: `${what}, ${file}, can be read by other users of this machine: chmod 600` }]
}

async function modeOf(
  path: string,
): Promise<(Awaited<ReturnType<typeof stat>> & { readonly mode: number }) | undefined> {
  return await stat(path).catch(() => undefined) // not there, or out of reach: said by whoever reads it
}

async function mayWrite(folder: string): Promise<boolean> {
  return await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}
