/** Basin as it comes. */
import { serveBasin } from './serveBasin'

serveBasin(false)
