/** Basin in WebAssembly on one thread. */
import { serveBasin } from './serveBasin'

serveBasin({ device: 'wasm', threads: 1 })
