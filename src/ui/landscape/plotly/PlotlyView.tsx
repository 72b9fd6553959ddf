/** The surfaces by plotly in WebGL: the wheel comes closer, the right button moves; turning one turns all. */
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize, useThrottledValue } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { useErrorBoundary } from 'react-error-boundary'
import type { DrawnBasin } from '../basin'
import { readColors } from '../colors'
import type { ScaleChoice } from '../lossScale'
import { loadPlotly, type PlotlyHTMLElement } from './plotly'
import { plotlyFigure, plotlyHeight, sceneName } from './plotlyFigure'

/** While points arrive a WebGL redraw per message would slow the training machine down. */
const REDRAW_MS = 1000
const NARROW = 560

/** Kept from one page to the next. */
let camera: unknown

export default function PlotlyView({
  drawn: newest,
  choice,
}: {
  drawn: readonly DrawnBasin[]
  choice: ScaleChoice
}) {
  const drawn = useThrottledValue(newest, REDRAW_MS)
  const { height: kind, scale } = choice
  const holder = useRef<HTMLDivElement>(null)
  const { showBoundary } = useErrorBoundary()
  const scheme = useComputedColorScheme('light')
  const { ref, width } = useElementSize()
  const measured = width > 0
  const narrow = width < NARROW
  const height = plotlyHeight(drawn.length, narrow)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read again when the scheme changes; the boundary is a new function at every render
  useEffect(() => {
    if (!measured) return
    let current = true
    const draw = async () => {
      const plotly = await loadPlotly()
      const element = holder.current
      if (!current || !element) return
      const look = { choice: { height: kind, scale }, colors: readColors(), narrow, camera }
      const { data, layout } = plotlyFigure(drawn, look)
      const config = { displayModeBar: false, responsive: true, scrollZoom: true }
      linkCameras(await plotly.react(element, data, { ...layout, height }, config), drawn.length)
    }
    draw().catch((error) => {
      if (current) showBoundary(error)
    })
    return () => {
      current = false
    }
  }, [drawn, kind, scale, height, scheme, measured, narrow])

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

function linkCameras(figure: PlotlyHTMLElement, scenes: number): void {
  if (linked.has(figure)) return
  linked.add(figure)
  let following = false
  const follow = async (event: Record<string, unknown>) => {
    if (following) return
    const keys = Array.from({ length: scenes }, (_, k) => `${sceneName(k)}.camera`)
    const turned = keys.find((key) => key in event)
    if (!turned) return
    camera = event[turned]
    const others = keys.filter((key) => key !== turned)
    if (others.length === 0) return
    following = true
    const plotly = await loadPlotly()
    await plotly.relayout(figure, Object.fromEntries(others.map((key) => [key, camera])) as never)
    following = false
  }
  figure.on('plotly_relayouting' as never, follow as never)
  figure.on('plotly_relayout', follow as never)
}
