/** A step of the first visit's network, measured: what is shown before anything is trained (scripts/make-example-step.mjs). */
import example from './example.json'
import type { StepValues } from './stepPicture'

const { points, reach, loss, ...numbers } = example

/** As `symmetricPoints` of the measure makes it. */
const axis = Float64Array.from({ length: points }, (_, i) => (reach * (2 * i - points + 1)) / (points - 1))

export const EXAMPLE: StepValues = { ...numbers, x: axis, y: axis, loss: Float64Array.from(loss) }
