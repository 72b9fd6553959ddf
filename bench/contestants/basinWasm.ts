/** Basin in WebAssembly on all cores. */
import { serveBasin } from './serveBasin'

serveBasin({ device: 'wasm' })
