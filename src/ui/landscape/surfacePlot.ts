/** Both surfaces as one plotly figure: two scenes that share colours, height and camera. */
import { formatNumber, formatSetting } from '../format'
import type { ShownRun } from '../runs/shownRuns'
import type { Colors } from './colors'
import { type Surface, sharedRange } from './grid'
import { lossTicks } from './lossTicks'
import type { Data, Layout } from './plotly'
import { VIRIDIS_SCALE } from './viridis'

export interface DrawnSurface {
  run: ShownRun
  surface: Surface
}

const START_CAMERA = { eye: { x: 1.2, y: 1.2, z: 0.75 }, center: { x: 0, y: 0, z: -0.12 } }

/** @param camera the one the person turned to; undefined for the first view */
export function surfacePlot(
  drawn: readonly DrawnSurface[],
  log: boolean,
  colors: Colors,
  camera: unknown,
  narrow: boolean,
): { data: Data[]; layout: Partial<Layout> } {
  const range = sharedRange(drawn.map(({ surface }) => surface))
  const height = log ? (value: number) => Math.log10(Math.max(value, 1e-6)) : (value: number) => value
  const [low, high] = range.map(height)
  const losses = lossTicks(range, log)
  const ticks = { tickvals: losses.map(height), ticktext: losses.map(formatSetting) }
  const axis = {
    gridcolor: colors.line,
    zerolinecolor: colors.line,
    linecolor: colors.line,
    tickfont: { size: 11 },
    showspikes: false,
    nticks: 5,
  }
  const step = (high - low) / 8
  const data = drawn.map(({ run, surface }, i) => ({
    type: 'surface',
    name: run.label,
    scene: i === 0 ? 'scene' : 'scene2',
    x: surface.x,
    y: surface.y,
    z: surface.z.map((row) => row.map(height)),
    customdata: surface.z,
    cmin: low,
    cmax: high,
    colorscale: VIRIDIS_SCALE,
    showscale: i === 0,
    colorbar: { title: { text: 'loss' }, thickness: 12, len: 0.8, outlinewidth: 0, x: 1, ...ticks },
    contours: {
      z: {
        show: true,
        project: { z: true },
        // By plotly's own colours a line's would be spread over its surface's range, not the shared one.
        usecolormap: false,
        color: colors.text,
        width: 1,
        start: low + step / 2,
        end: high,
        size: step,
      },
    },
    hovertemplate: `${run.label}<br>x %{x:.2f}, y %{y:.2f}<br>loss %{customdata:.3f}<extra></extra>`,
  })) as unknown as Data[]
  const scene = (column: number) => ({
    domain: sceneDomain(column, drawn.length, narrow),
    xaxis: { ...axis, title: { text: '' } },
    yaxis: { ...axis, title: { text: '' } },
    zaxis: { ...axis, title: { text: '' }, range: [low - (high - low) * 0.35, high], ...ticks },
    aspectmode: 'manual',
    aspectratio: { x: 1, y: 1, z: 0.8 },
    camera: camera ?? START_CAMERA,
  })
  const layout = {
    scene: scene(0),
    ...(drawn.length > 1 ? { scene2: scene(1) } : {}),
    paper_bgcolor: colors.surface,
    font: { family: colors.font, color: colors.text, size: 12 },
    margin: { l: 0, r: 0, t: 0, b: 0 },
    uirevision: 'stay',
    showlegend: false,
    annotations: drawn.map(({ run, surface }, column) => ({
      text: `<b>${run.label}</b> · lowest ${formatNumber(sharedRange([surface])[0])}`,
      font: { color: colors.resolve(run.textColor), size: 14 },
      showarrow: false,
      xref: 'paper',
      yref: 'paper',
      ...labelPosition(column, drawn.length, narrow),
    })),
  } as unknown as Partial<Layout>
  return { data, layout }
}

/** Beside each other; on a phone one above the other. */
function sceneDomain(column: number, count: number, narrow: boolean) {
  if (count === 1) return { x: [0, 0.92], y: [0, 0.95] }
  if (narrow) return { x: [0, 0.86], y: column === 0 ? [0.53, 0.94] : [0, 0.43] }
  return { x: column === 0 ? [0, 0.46] : [0.47, 0.93], y: [0, 0.95] }
}

function labelPosition(column: number, count: number, narrow: boolean) {
  const { x, y } = sceneDomain(column, count, narrow)
  return { x: (x[0] + x[1]) / 2, y: y[1], xanchor: 'center', yanchor: 'bottom' }
}
