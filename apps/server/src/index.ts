export { compose, type Server } from "./compose.js"
export { type Command, type Config, type LogLevel, readCommand } from "./config.js"
