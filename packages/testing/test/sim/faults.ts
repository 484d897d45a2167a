/** Everything that can go wrong in the simulated world. */
export const FAULTS = [
  "cut: both ends learn of it",
  "cut: the server still hears the past",
  "cut: the client learns of it late",
  "partition",
  "swizzle",
  "client offline",
  "tab killed",
  "tab closed",
  "device store wiped",
  "device write lost with the tab",
  "device write failed",
  "device power lost",
  "server crash",
  "server crash within a turn",
  "server power loss",
  "server stopped in order",
  "batch in flight persisted by a crash",
  "batch in flight lost by a crash",
  "write failed",
  "write failed, yet persisted",
  "disk full for a while",
  "slow disk",
  "document unloaded",
  "clock jump",
  "plain resend",
  "slow reader closed",
  "compaction",
  "forged: under the client id of somebody who is here",
  "forged: under that of somebody who has left",
] as const

/** One of them. */
export type Fault = (typeof FAULTS)[number]

/** How often each fault has struck. A fault that never strikes proves nothing. */
export class Faults {
  readonly counts = new Map<Fault, number>(FAULTS.map((fault) => [fault, 0]))

  /** It struck. */
  strike(fault: Fault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
  }

  /** Adds another run's. */
  add(others: Faults): void {
    for (const [fault, count] of others.counts) this.counts.set(fault, (this.counts.get(fault) ?? 0) + count)
  }

  /** Kinds that struck less often than this. */
  rarerThan(least: number): readonly Fault[] {
    return FAULTS.filter((fault) => (this.counts.get(fault) ?? 0) < least)
  }
}
