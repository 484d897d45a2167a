// Hocuspocus as its documentation sets it up: defaults, and the SQLite extension for storage.
//   node hocuspocus.mjs DATA_FOLDER
import { join } from "node:path"
import { SQLite } from "@hocuspocus/extension-sqlite"
import { Server } from "@hocuspocus/server"

const [dataFolder] = process.argv.slice(2)
const server = new Server({
  port: 0,
  address: "127.0.0.1",
  quiet: true,
  extensions: [new SQLite({ database: join(dataFolder, "documents.sqlite") })],
})
await server.listen()
console.log(`listening on port ${server.address.port}`)
