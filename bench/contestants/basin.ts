/** Basin on WebGPU. */
import { serveBasin } from './serveBasin'

serveBasin({ device: 'webgpu' })
