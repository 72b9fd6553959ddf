/** A rectangle of a plane that is looked at more closely. */
import { BasinError } from '../../../base/errors'
import { z } from '../../zod'
import { GROUPS, setting } from '../measures/settings'

const windowSetting = (label: string) =>
  setting(z.string().max(120).default(''), {
    label,
    help: 'x from, x to, y from, y to, in the units of the axes; empty: all of the plane. Drag a rectangle on the contours to set it.',
    group: GROUPS.plane,
    rule: 'x from, x to, y from, y to, separated by commas',
  })

/** Of the slice's plane, and of that of the ways. */
export const WINDOW_SETTINGS = { window: windowSetting('Window, 2-D') }
export const WAY_WINDOW_SETTINGS = { way_window: windowSetting('Window, trajectory') }

/** @throws BasinError `config` */
export function windowOf(text: string): [x: [number, number], y: [number, number]] | undefined {
  if (text.trim() === '') return undefined
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [x0, x1, y0, y1] = numbers
  if (numbers.length === 4 && numbers.every(Number.isFinite) && x0 < x1 && y0 < y1)
    return [
      [x0, x1],
      [y0, y1],
    ]
  throw new BasinError(
    'config',
    `window: x from, x to, y from, y to, got ${text}`,
    'Give four numbers, each pair ascending, or nothing.',
  )
}
