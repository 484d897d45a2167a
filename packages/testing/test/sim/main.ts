export { firstFault, replay, runMany } from "./many.js"
