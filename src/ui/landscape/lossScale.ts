/** The scale of heights and colours of all surfaces that are drawn, with what is written beside it. */
import { type HeightChoice, type Heights, heightsOf, KNEE } from '../../worker/protocol'
import { formatSetting } from '../format'
import { type Surface, sharedRange } from './displaySurface'
import { lossTicks } from './lossTicks'

export type ScaleChoice = HeightChoice

export interface LossScale extends Omit<Heights, 'baseOf'> {
  /** What is taken off its losses. */
  baseOf(surface: Surface): number
  ticks: readonly { value: number; text: string }[]
  title: string
}

export function lossScale(surfaces: readonly Surface[], choice: ScaleChoice): LossScale {
  const heights = heightsOf(
    surfaces.map((surface) => sharedRange([surface])),
    choice,
  )
  const rise = choice.height === 'rise'
  return {
    ...heights,
    baseOf: (surface) => heights.baseOf(sharedRange([surface])[0]),
    ticks: ticksOf(heights.range, choice.scale === 'log', rise).map((value) => ({
      value,
      text: formatSetting(value),
    })),
    title: rise ? 'rise over own minimum' : 'loss',
  }
}

/** A rise on a logarithmic scale has 0 and what is above the knee. */
function ticksOf([low, high]: [number, number], log: boolean, rise: boolean): number[] {
  if (!(high > low)) return [low]
  if (!log || !rise) return lossTicks([low, high], log)
  return [0, ...lossTicks([2 * KNEE * high, high], true)]
}

/** Values between the ends, evenly spread over the scale. */
export function evenLevels({ at }: LossScale, count: number): number[] {
  return Array.from({ length: count }, (_, k) => at((k + 1) / (count + 1)))
}
