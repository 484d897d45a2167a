import type { SeededRandom } from "@quire/testing"
import type { World } from "./world.js"

/** One thing that the world may be told to do. */
export interface CommandKind {
  readonly name: string
  /** How often, among all. */
  readonly weight: number
  /** Left out of some runs. */
  readonly isFault: boolean
  readonly run: (world: World, random: SeededRandom) => void
}

/** How long a fault lasts: often short, now and then up to `mostMs`. */
const soon = (random: SeededRandom, mostMs: number): number => 50 + random.below(random.pick([300, mostMs / 8, mostMs]))

const fault = (name: string, weight: number, run: CommandKind["run"]): CommandKind => ({
  name,
  weight,
  isFault: true,
  run,
})
const ordinary = (name: string, weight: number, run: CommandKind["run"]): CommandKind => ({
  name,
  weight,
  isFault: false,
  run,
})

/** The client id that the forger says is its own. */
const FORGERS_OWN = 4_711

/** Everything, with its weight. */
export const COMMANDS: readonly CommandKind[] = [
  ordinary("edit", 45, (world, random) => random.pick(world.clients).edit(random)),
  ordinary("deliver", 20, () => undefined),
  ordinary("presence", 3, (world, random) => random.pick(world.natives).announce(random.below(1_000))),
  fault("cut", 4, (world, random) => {
    const line = world.anyLine(random)
    if (line === undefined) return
    const how = random.pick(["both", "server hears the past", "client learns late"] as const)
    const names = {
      both: "cut: both ends learn of it",
      "server hears the past": "cut: the server still hears the past",
      "client learns late": "cut: the client learns of it late",
    } as const
    world.faults.strike(names[how])
    line.cut(how)
  }),
  fault("partition", 3, (world, random) => {
    const client = random.pick(world.clients)
    world.faults.strike("partition")
    world.partition(client)
    world.timeline.plan(0, soon(random, 70_000), () => world.heal(client))
  }),
  fault("swizzle", 1, (world, random) => {
    world.faults.strike("swizzle")
    for (const [at, client] of shuffled(world.clients, random).entries()) {
      world.timeline.plan(0, at * 50, () => world.partition(client))
    }
    for (const [at, client] of shuffled(world.clients, random).entries()) {
      world.timeline.plan(0, 5_000 + at * soon(random, 2_000), () => world.heal(client))
    }
  }),
  fault("offline", 3, (world, random) => {
    const client = random.pick(world.natives)
    world.faults.strike("client offline")
    client.setOnline(false)
    world.timeline.plan(0, soon(random, 30_000), () => client.setOnline(true))
  }),
  fault("kill tab", 1.5, (world, random) => {
    const client = random.pick(world.natives)
    if (!client.isOpen) return
    world.faults.strike("tab killed")
    client.kill()
    if (random.fraction() < 0.6) client.device.losePower()
    world.timeline.plan(0, soon(random, 5_000), () => client.open())
  }),
  fault("kill tab while it writes", 0.7, (world, random) => {
    const client = random.pick(world.natives)
    client.device.duringNextWrite(() => {
      if (!client.isOpen) return
      world.faults.strike("tab killed")
      client.kill()
      world.timeline.plan(0, soon(random, 5_000), () => client.open())
    })
  }),
  fault("close tab", 0.7, (world, random) => {
    const client = random.pick(world.natives)
    if (!client.isOpen) return
    world.faults.strike("tab closed")
    client.close()
    world.timeline.plan(0, soon(random, 5_000), () => client.open())
  }),
  fault("reload plain", 0.5, (world, random) => {
    if (world.plains.length > 0) random.pick(world.plains).reload()
  }),
  fault("wipe store", 0.7, (world, random) => {
    world.faults.strike("device store wiped")
    random.pick(world.natives).device.wipe()
  }),
  fault("device write fails", 1, (world, random) => random.pick(world.natives).device.failNext()),
  fault("server crash", 1, (world, random) => {
    if (world.server.isDown) return
    world.faults.strike("server crash")
    world.server.crash(false)
    world.timeline.plan(0, soon(random, 4_000), () => world.server.start())
  }),
  fault("server crash within a turn", 1, (world, random) => {
    world.server.crashAfter(random.below(30))
    world.timeline.plan(0, soon(random, 8_000), () => world.server.start())
  }),
  fault("server crash while it writes", 0.7, (world, random) => {
    world.server.disk.duringNextBatch(() => {
      if (world.server.isDown) return
      world.faults.strike("server crash")
      world.server.crash(random.fraction() < 0.5)
      world.timeline.plan(0, soon(random, 4_000), () => world.server.start())
    })
  }),
  // What was sent on and is not durable is then with those alone who have read it.
  fault("server and a tab die together", 0.7, (world, random) => {
    const client = random.pick(world.natives)
    if (world.server.isDown || !client.isOpen) return
    world.faults.strike("slow disk")
    world.server.disk.slowFor(600)
    client.edit(random)
    world.timeline.plan(0, 20 + random.below(300), () => {
      world.faults.strike("server crash")
      world.faults.strike("tab killed")
      world.faults.strike("device store wiped")
      world.server.crash(false)
      client.kill()
      client.device.wipe()
      world.timeline.plan(0, soon(random, 2_000), () => world.server.start())
      world.timeline.plan(0, soon(random, 5_000), () => client.open())
    })
  }),
  fault("power loss", 0.7, (world, random) => {
    if (world.server.isDown) return
    world.faults.strike("server power loss")
    world.server.crash(true)
    world.timeline.plan(0, soon(random, 4_000), () => world.server.start())
  }),
  fault("server stop", 0.7, (world, random) => {
    if (!world.server.isUp) return
    world.faults.strike("server stopped in order")
    world.server.stop()
    world.timeline.plan(0, 8_000 + random.below(3_000), () => world.server.start())
  }),
  fault("write fails", 1.5, (world, random) => {
    world.server.disk.failNext(random.fraction() < 0.5 ? "fail" : "fail, yet written")
  }),
  fault("disk full", 0.7, (world, random) => {
    world.faults.strike("disk full for a while")
    world.fillDisk(true)
    world.timeline.plan(0, soon(random, 15_000), () => world.fillDisk(false))
  }),
  fault("slow disk", 1, (world, random) => {
    world.faults.strike("slow disk")
    world.server.disk.slowFor(soon(random, 8_000))
  }),
  fault("slow reader", 3, (world, random) => {
    const client = random.pick(world.clients)
    client.isReading = false
    world.timeline.plan(0, 3_000 + random.below(60_000), () => {
      client.isReading = true
      world.pump(client)
    })
  }),
  fault("unload", 0.5, (world, random) => {
    for (const client of world.clients) world.partition(client)
    for (const line of world.server.lines) line.cut("both")
    world.timeline.plan(0, 12_500 + random.below(3_000), () => {
      for (const client of world.clients) world.heal(client)
    })
  }),
  fault("clock jump", 0.7, (world, random) => {
    world.faults.strike("clock jump")
    const jumpMs = random.fraction() < 0.5 ? 3_600_000 : -3_600_000
    if (random.fraction() < 0.5) world.server.skewMs += jumpMs
    else random.pick(world.natives).skewMs += jumpMs
  }),
  fault("plain resend", 2, (world, random) => {
    if (world.plains.length > 0 && random.pick(world.plains).resend()) world.faults.strike("plain resend")
  }),
  fault("forge", 3, (world, random) => {
    if (!world.forger.come(FORGERS_OWN, 1_000 + random.below(20_000))) return
    // It is let in after a moment, and whoever is here then may be gone again.
    world.timeline.plan(0, 10 + random.below(2_000), () => {
      const here = world.natives.filter((client) => client.isJoined)
      const victim = here.length === 0 ? undefined : random.pick(here).ydoc?.clientID
      if (victim === undefined) return
      world.faults.strike("forged: under the client id of somebody who is here")
      world.forger.forge(victim, random)
    })
  }),
  // Whoever takes the id of somebody who has left must not keep others from giving back what a crash has lost.
  fault("squat", 1, (world, random) => {
    const client = random.pick(world.natives)
    const left = client.ydoc?.clientID
    if (left === undefined) return
    client.kill()
    world.timeline.plan(0, soon(random, 5_000), () => client.open())
    if (!world.forger.come(left, 500 + random.below(10_000))) return
    world.faults.strike("forged: under that of somebody who has left")
  }),
  ordinary("look", 1, (world, random) => random.pick(world.natives).look()),
]

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items]
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T) // as many as there are
}

/** The name of one. */
export type Command = string
