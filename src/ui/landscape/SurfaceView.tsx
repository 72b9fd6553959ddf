/** Keeps one plotly figure in step with the surfaces; turning one scene turns the other. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize, useThrottledValue } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { useErrorBoundary } from 'react-error-boundary'
import { readColors } from './colors'
import { loadPlotly, type PlotlyHTMLElement } from './plotly'
import { type DrawnSurface, surfacePlot } from './surfacePlot'

export interface SurfaceViewProps {
  drawn: readonly DrawnSurface[]
  log: boolean
  height: number
  /** Receives what makes the picture of this figure. */
  onReady: (picture: () => Promise<Blob>) => void
}

type Camera = Record<string, unknown>

/** While points arrive a WebGL redraw per message would slow the training machine down. */
const REDRAW_MS = 1000

/** Below this width the surfaces stand one above the other. */
const NARROW = 560

export default function SurfaceView({ drawn: newest, log, height, onReady }: SurfaceViewProps) {
  const drawn = useThrottledValue(newest, REDRAW_MS)
  const holder = useRef<HTMLDivElement>(null)
  const camera = useRef<Camera>(undefined)
  const { showBoundary } = useErrorBoundary()
  const scheme = useComputedColorScheme('light')
  const { ref, width } = useElementSize()
  const measured = width > 0
  const narrow = width < NARROW

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read again when the scheme changes; the boundary is a new function at every render
  useEffect(() => {
    if (!measured) return
    let current = true
    const draw = async () => {
      const plotly = await loadPlotly()
      const element = holder.current
      if (!current || !element) return
      const { data, layout } = surfacePlot(drawn, log, readColors(), camera.current, narrow)
      const config = { displayModeBar: false, responsive: true, scrollZoom: false }
      const figure = await plotly.react(element, data, { ...layout, height }, config)
      linkCameras(figure, drawn.length, camera)
      onReady(async () => {
        const address = await plotly.toImage(figure, { format: 'png', width: 1200, height: 620, scale: 2 })
        return dataUrlBlob(address)
      })
    }
    draw().catch((error) => {
      if (current) showBoundary(error)
    })
    return () => {
      current = false
    }
  }, [drawn, log, height, scheme, onReady, measured, narrow])

  useEffect(() => {
    const element = holder.current
    return () => {
      if (element) loadPlotly().then((plotly) => plotly.purge(element), NOTHING_TO_PURGE)
    }
  }, [])

  return (
    <div ref={ref}>
      <div ref={holder} style={{ height }} />
    </div>
  )
}

const NOTHING_TO_PURGE = () => {}

const linked = new WeakSet<object>()

function linkCameras(
  figure: PlotlyHTMLElement,
  scenes: number,
  camera: { current: Camera | undefined },
): void {
  if (linked.has(figure)) return
  linked.add(figure)
  let following = false
  const follow = async (event: Record<string, unknown>) => {
    if (following) return
    const turned = (['scene.camera', 'scene2.camera'] as const).find((key) => key in event)
    if (!turned) return
    camera.current = event[turned] as Camera
    if (scenes < 2) return
    const other = turned === 'scene.camera' ? 'scene2.camera' : 'scene.camera'
    following = true
    const plotly = await loadPlotly()
    await plotly.relayout(figure, { [other]: camera.current } as never)
    following = false
  }
  figure.on('plotly_relayouting' as never, follow as never)
  figure.on('plotly_relayout', follow as never)
}

/** `fetch` of a data address would need a hole in the Content-Security-Policy. */
function dataUrlBlob(address: string): Blob {
  const binary = atob(address.slice(address.indexOf(',') + 1))
  return new Blob([Uint8Array.from(binary, (c) => c.charCodeAt(0))], { type: 'image/png' })
}
