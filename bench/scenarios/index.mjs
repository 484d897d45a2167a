import { fanOut } from "./fan-out.mjs"
import { idleConnections } from "./idle-connections.mjs"
import { joinLarge } from "./join.mjs"
import { openDocuments } from "./open-documents.mjs"

/**
 * What is measured, in this order. A scenario has
 * - `contestants`: who takes part; `prepared`: the kind of documents that must have been written before, if any;
 * - `metrics`: what it gives, less is always better; `target`: at most a number, or so many times another's;
 * - `measure(contestant, server, { document })`: does it once; throws when anything was delivered wrongly.
 */
export const SCENARIOS = [fanOut, idleConnections, openDocuments, joinLarge]
