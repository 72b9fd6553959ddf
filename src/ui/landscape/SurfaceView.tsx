/** Keeps one plotly figure in step with the surfaces; turning one scene turns all. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize, useThrottledValue } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { useErrorBoundary } from 'react-error-boundary'
import { readColors } from './colors'
import { loadPlotly, type PlotlyHTMLElement } from './plotly'
import { type DrawnSurface, sceneName, surfaceHeight, surfacePlot } from './surfacePlot'

export interface SurfaceViewProps {
  drawn: readonly DrawnSurface[]
  log: boolean
  /** Receives what makes the picture of this figure. */
  onReady: (picture: () => Promise<Blob>) => void
}

type Camera = Record<string, unknown>

/** While points arrive a WebGL redraw per message would slow the training machine down. */
const REDRAW_MS = 1000

/** Below this width fewer surfaces stand beside each other. */
const NARROW = 560

export default function SurfaceView({ drawn: newest, log, onReady }: SurfaceViewProps) {
  const drawn = useThrottledValue(newest, REDRAW_MS)
  const holder = useRef<HTMLDivElement>(null)
  const camera = useRef<Camera>(undefined)
  const { showBoundary } = useErrorBoundary()
  const scheme = useComputedColorScheme('light')
  const { ref, width } = useElementSize()
  const measured = width > 0
  const narrow = width < NARROW
  const height = surfaceHeight(drawn.length, narrow)

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
        const address = await plotly.toImage(figure, {
          format: 'png',
          width: 1200,
          height: 1.5 * height,
          scale: 2,
        })
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
    const keys = Array.from({ length: scenes }, (_, i) => `${sceneName(i)}.camera`)
    const turned = keys.find((key) => key in event)
    if (!turned) return
    camera.current = event[turned] as Camera
    const others = keys.filter((key) => key !== turned)
    if (others.length === 0) return
    following = true
    const plotly = await loadPlotly()
    const views = Object.fromEntries(others.map((key) => [key, camera.current]))
    await plotly.relayout(figure, views as never)
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
