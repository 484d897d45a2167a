export { FakeClock, settle } from "./clock.js"
export { SeededRandom } from "./random.js"
