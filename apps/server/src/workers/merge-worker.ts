import { runJob } from "./run-job.js"

/** A worker thread's entry: one job in, its result out. */
export default runJob
