/** The loss on the plane of a step, from above: the lower the darker, with lines of equal loss. Uphill is up. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { contourLevels } from '../landscape/contourLines'
import { type Surface, sharedRange } from '../landscape/displaySurface'
import { drawLines, drawMap } from '../landscape/drawContours'
import { CanvasPen } from '../landscape/scene/canvasPen'
import { isPrinting, onPrinting } from '../printing'

const LEVELS = 16

type Rgb = readonly [number, number, number]
/** From the lowest to the highest loss; pale, so that arrows and words stand out on it. */
const SHADES: Record<'light' | 'dark', { low: Rgb; middle: Rgb; high: Rgb; line: string }> = {
  light: {
    low: [150, 150, 196],
    middle: [190, 222, 230],
    high: [252, 253, 250],
    line: 'rgb(40 60 90 / 0.28)',
  },
  dark: { low: [58, 46, 110], middle: [27, 64, 84], high: [19, 22, 26], line: 'rgb(200 215 235 / 0.22)' },
}

export function StepMap({ surface }: { surface: Surface }) {
  const { ref, width } = useElementSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  const onScreen = useComputedColorScheme('light')
  const printing = useSyncExternalStore(onPrinting, isPrinting)
  const scheme = printing ? 'light' : onScreen
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context || width === 0) return
    element.width = width * devicePixelRatio
    element.height = width * devicePixelRatio
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    const { low, middle, high, line } = SHADES[scheme]
    const range = sharedRange([surface])
    const share = (loss: number) => (loss - range[0]) / (range[1] - range[0] || 1)
    const pen = new CanvasPen(context, '')
    const upward = { z: turned(surface.z) }
    const place = { left: 0, top: 0, side: width }
    // Small differences near the bottom are what is to be seen.
    const colorOf = (loss: number) => {
      const at = Math.sqrt(Math.min(Math.max(share(loss), 0), 1))
      return at < 0.5 ? mixed(low, middle, 2 * at) : mixed(middle, high, 2 * at - 1)
    }
    drawMap(pen, upward, place, colorOf)
    const levels = contourLevels([0, 1], LEVELS, false).map(
      (at) => range[0] + at * at * (range[1] - range[0]),
    )
    drawLines(pen, upward, place, levels, { color: line })
  }, [surface, width, scheme])
  return (
    <div ref={ref} className="step-map">
      <canvas ref={canvas} aria-hidden />
    </div>
  )
}

const mixed = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
]

/** Rows and columns changed: the plane's x goes up, its y to the right. */
const turned = (z: readonly number[][]): number[][] => z[0].map((_, j) => z.map((row) => row[j]))
