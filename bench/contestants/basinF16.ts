/** Basin with `--f16`, as a peer of itself. */
import { serveBasin } from './serveBasin'

serveBasin({ device: 'webgpu', f16: true })
