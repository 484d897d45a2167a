import { cursors } from "./cursors.mjs"
import { durable } from "./durable.mjs"
import { fanOut, fanOutBusy } from "./fan-out.mjs"
import { fanOutSaturated } from "./fan-out-saturated.mjs"
import { idleConnections } from "./idle-connections.mjs"
import { joinLarge } from "./join.mjs"
import { openDocuments } from "./open-documents.mjs"
import { reconnect } from "./reconnect.mjs"
import { rooms, roomsSaturated } from "./rooms.mjs"
import { traces } from "./traces.mjs"

/**
 * What is measured, in this order. A scenario has
 * - `sizes`: how much of it, in `full` and in `quick`; `title(sizes)`;
 * - `contestants`: who takes part; `prepared`: the kind of documents that must have been written before, if any;
 *   `floor`: what floor-ws is started with;
 * - `metrics`: what it gives, less is always better; `target`: see `report.mjs`;
 * - `missing()`: what it lacks to be run here, if anything, as a sentence;
 * - `measure(contestant, server, { document, sizes, folder })`: does it once, `folder` being a place for files of its
 *   own; throws when anything was delivered wrongly;
 * - `measureFolder(contestant, folder)`: more metrics, of the data folder after the server has stopped.
 */
export const SCENARIOS = [
  fanOut,
  fanOutBusy,
  fanOutSaturated,
  rooms,
  roomsSaturated,
  cursors,
  idleConnections,
  openDocuments,
  joinLarge,
  reconnect,
  durable,
  ...traces,
]

/** How much of a scenario there is to do. */
export function sizesOf(scenario, isQuick) {
  return isQuick ? scenario.sizes.quick : scenario.sizes.full
}
