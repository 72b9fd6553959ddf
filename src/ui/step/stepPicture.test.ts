import { describe, expect, it } from 'vitest'
import { type StepValues, stepPicture } from './stepPicture'

/** L = 1 + 2x + x² + ½y² + xy/2 around θ, whose gradient is (2, 0) there. */
const loss = (x: number, y: number) => 1 + 2 * x + x * x + (y * y) / 2 + (x * y) / 2
const axis = Float64Array.from({ length: 17 }, (_, i) => (i - 8) / 10)
const plane = { x: axis, y: axis, z: [...axis].map((y) => [...axis].map((x) => loss(x, y))) }
const values: StepValues = {
  x: axis,
  y: axis,
  loss: Float64Array.from(plane.z.flat()),
  step: 7,
  images: 128,
  rho: 0.3,
  learning_rate: 0.1,
  loss_here: 1,
  loss_there: loss(0.3, 0),
  gradient_norm: 2,
  along: 2.6,
  beside: 0.15,
}

describe('the picture of a step', () => {
  it('is the measured one at the measured radius', () => {
    const { lossThere, gradientThere, sgdNext, samNext, stretch } = stepPicture(values, plane, 0.3)
    expect(lossThere).toBe(values.loss_there)
    expect(gradientThere).toEqual([2.6, 0.15])
    expect(stretch).toBe(1)
    expect(sgdNext).toEqual([-0.2, -0])
    expect(samNext[0]).toBeCloseTo(-0.26)
    expect(samNext[1]).toBeCloseTo(-0.015)
  })

  it('is the loss’s own at another radius, and SGD’s at none', () => {
    const other = stepPicture(values, plane, 0.15)
    expect(other.lossThere).toBeCloseTo(loss(0.15, 0), 9)
    expect(other.gradientThere[0]).toBeCloseTo(2.3, 9)
    expect(other.gradientThere[1]).toBeCloseTo(0.075, 9)
    const none = stepPicture(values, plane, 0)
    expect(none.samNext).toEqual(none.sgdNext)
    expect(none.lossThere).toBe(values.loss_here)
  })

  it('draws steps that are too short to be seen longer, by a round factor that it says', () => {
    const { sgdNext, stretch } = stepPicture({ ...values, learning_rate: 0.001 }, plane, 0.3)
    expect(stretch).toBe(100)
    expect(sgdNext[0]).toBeCloseTo(-0.2)
  })
})
