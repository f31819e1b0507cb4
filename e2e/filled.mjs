// Prints the data folder of a server that has filled itself with the demo's people and was ended politely.
import { Server } from './lib.mjs'
import { join } from 'node:path'

const server = await Server.open()
await server.stop()
console.log(join(server.dir, 'var'))
