/** How a scene is shown. */
import type { PlanePoint } from '../basin'
import type { Colors } from '../colors'
import type { LossScale } from '../lossScale'
import type { Camera } from './camera'

export interface SceneLook {
  scale: LossScale
  /** Losses (or rises) of the lines of equal loss. */
  levels: readonly number[]
  camera: Camera
  /** Times the usual height. */
  exaggeration: number
  colors: Colors
  pointed?: PlanePoint
  /** At most so many points a side. */
  most: number
}

/** Of the box beside half its side: how far the lowest value stands over the floor, and the highest over that. */
export const FLOOR = 0.12
const USUAL_HEIGHT = 0.85

export const boxHeightOf = (exaggeration: number) => FLOOR + USUAL_HEIGHT * exaggeration
