/** The surfaces from above on one canvas that follows the card's width. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { paint } from '../files/picture'
import { readColors } from './colors'
import { contourLayout, drawContours } from './drawContours'
import type { DrawnSurface } from './surfacePlot'

export interface ContourViewProps {
  drawn: readonly DrawnSurface[]
  log: boolean
  onReady: (picture: () => Promise<Blob>) => void
}

export function ContourView({ drawn, log, onReady }: ContourViewProps) {
  const { ref, width } = useElementSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useComputedColorScheme('light')
  const { height } = contourLayout(width, drawn.length)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read again when the scheme changes
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context || width === 0) return
    const scale = devicePixelRatio
    element.width = width * scale
    element.height = height * scale
    context.setTransform(scale, 0, 0, scale, 0, 0)
    drawContours(context, width, drawn, log, readColors())
    const wide = 1000
    onReady(() =>
      paint(wide, contourLayout(wide, drawn.length).height, (picture) =>
        drawContours(picture, wide, drawn, log, readColors()),
      ),
    )
  }, [drawn, log, width, height, scheme, onReady])

  return (
    <div ref={ref}>
      <canvas ref={canvas} style={{ width: '100%', height, display: 'block' }} />
    </div>
  )
}
