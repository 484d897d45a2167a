import type { Clock, Random } from "@quire/base"
import type { AuditEntry, Catalogue, Directory } from "@quire/storage"
import { Passwords } from "./passwords.js"
import { type Principal, Principals, type VerifyToken } from "./principal.js"
import { SetUp } from "./set-up.js"
import { SignIns } from "./sign-ins.js"
import { Tries } from "./tries.js"

/** Everything that a server with members knows about people, made once. */
export interface Members {
  readonly directory: Directory
  readonly clock: Clock
  readonly random: Random
  readonly signIns: SignIns
  readonly principals: Principals
  readonly passwords: Passwords
  readonly setUp: SetUp
  readonly tries: {
    /** Signing in, by e-mail address and network address. */
    readonly account: Tries
    /** Signing in, by network address. */
    readonly address: Tries
    /** Secrets of links and invitations that there are not, by network address. */
    readonly misses: Tries
    /** Passwords of a link, by link: whoever guesses may have many addresses. */
    readonly link: Tries
  }
  /** The name of the identity provider that people may sign in with, if there is one. */
  readonly oidcName: string | undefined
}

/** What members are made of. */
export interface MembersSetting {
  readonly directory: Directory
  readonly catalogue: Pick<Catalogue, "get">
  readonly clock: Clock
  readonly random: Random
  readonly verifyToken?: VerifyToken | undefined
  /** As in `PrincipalsSetting`. */
  readonly onKeysChanged?: ((listener: () => void) => () => void) | undefined
  readonly oidcName?: string | undefined
}

/** Tries a minute. docs/limits.md. */
export const TRIES = { account: 5, address: 30, misses: 10, link: 30 } as const

/** Puts together what there is to know about people. */
export function createMembers(setting: MembersSetting): Members {
  const { directory, catalogue, clock, random, verifyToken, onKeysChanged, oidcName } = setting
  const signIns = new SignIns({ directory, clock, random })
  return {
    directory,
    clock,
    random,
    signIns,
    principals: new Principals({ directory, catalogue, signIns, clock, verifyToken, onKeysChanged }),
    passwords: new Passwords(),
    setUp: new SetUp(directory, random),
    tries: {
      account: new Tries(clock, TRIES.account),
      address: new Tries(clock, TRIES.address),
      misses: new Tries(clock, TRIES.misses),
      link: new Tries(clock, TRIES.link),
    },
    oidcName,
  }
}

/** An entry for an audit log: who did what now. */
export function audited(
  clock: Clock,
  principal: Principal,
  deed: { readonly what: string; readonly whom?: string; readonly detail?: string },
): AuditEntry {
  const { what, whom = "", detail = "" } = deed
  const isNobody = principal.kind === "nobody"
  const who = isNobody ? "" : principal.user
  return { timeMs: clock.now(), who, name: isNobody ? "" : principal.name, what, whom, detail }
}
