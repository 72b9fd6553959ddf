/** The scale of the losses: colours with their values, upright beside a picture or lying below it. */
import type { Colors } from './colors'
import type { LossScale } from './lossScale'
import type { Place } from './scene/camera'
import type { Pen } from './scene/pen'
import { viridis } from './viridis'

const THICK = 11
const SIZE = 11.5
const STEPS = 64
/** So that no gap shows between two steps. */
const OVERLAP = 0.6

export function drawScale(
  pen: Pen,
  { left, top, width, height, upright }: Place & { upright: boolean },
  scale: LossScale,
  colors: Colors,
): void {
  const title = { size: SIZE, color: colors.ink, weight: 500 }
  const label = { size: SIZE, color: colors.text }
  if (upright) {
    pen.text(scale.title.split(' ')[0], left, top - 10, title)
    const [from, length] = [top + 6, height - 6]
    for (let k = 0; k < STEPS; k++) {
      const y = from + (k / STEPS) * length
      pen.polygon(bar(left, y, THICK, length / STEPS + OVERLAP), css(1 - (k + 0.5) / STEPS))
    }
    for (const { value, text } of scale.ticks) {
      pen.text(text, left + THICK + 5, from + (1 - scale.share(value)) * length, label)
    }
    return
  }
  for (let k = 0; k < STEPS; k++) {
    pen.polygon(
      bar(left + (k / STEPS) * width, top + 16, width / STEPS + OVERLAP, THICK),
      css((k + 0.5) / STEPS),
    )
  }
  pen.text(scale.title, left, top + 5, title)
  let end = Number.NEGATIVE_INFINITY
  for (const { value, text } of scale.ticks) {
    const half = pen.widthOf(text, SIZE) / 2
    const at = Math.min(Math.max(left + scale.share(value) * width, left + half), left + width - half)
    if (at - half < end + 6) continue
    end = at + half
    pen.text(text, at, top + 38, { ...label, align: 'middle' })
  }
}

const bar = (left: number, top: number, width: number, height: number) => [
  left,
  top,
  left + width,
  top,
  left + width,
  top + height,
  left,
  top + height,
]

const css = (share: number) => `rgb(${viridis(share).join(' ')})`
