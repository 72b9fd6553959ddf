/** The surfaces as one plotly figure: scenes that share colours, height and camera. */
import { formatNumber, formatSetting } from '../format'
import type { ShownRun } from '../runs/shownRuns'
import type { Colors } from './colors'
import { type Surface, sharedRange } from './displaySurface'
import { lossTicks } from './lossTicks'
import type { Data, Layout } from './plotly'
import { VIRIDIS_SCALE } from './viridis'

export interface DrawnSurface {
  run: ShownRun
  surface: Surface
}

/** From further away where a scene has less width than height. */
function startCamera(columns: number) {
  const far = columns > 3 ? 1.3 : 1
  return { eye: { x: 1.2 * far, y: 1.2 * far, z: 0.75 * far }, center: { x: 0, y: 0, z: -0.12 } }
}

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
    scene: sceneName(i),
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
  const scene = (i: number) => ({
    domain: sceneDomain(i, drawn.length, narrow),
    xaxis: { ...axis, title: { text: '' } },
    yaxis: { ...axis, title: { text: '' } },
    zaxis: { ...axis, title: { text: '' }, range: [low - (high - low) * 0.35, high], ...ticks },
    aspectmode: 'manual',
    aspectratio: { x: 1, y: 1, z: 0.8 },
    camera: camera ?? startCamera(narrow ? 1 : gridOf(drawn.length, narrow).columns),
  })
  const wide = drawn.length < 3
  const layout = {
    ...Object.fromEntries(drawn.map((_, i) => [sceneName(i), scene(i)])),
    paper_bgcolor: colors.surface,
    font: { family: colors.font, color: colors.text, size: 12 },
    margin: { l: 0, r: 0, t: 0, b: 0 },
    uirevision: 'stay',
    showlegend: false,
    annotations: drawn.map(({ run, surface }, i) => ({
      text: `<b>${shortened(run.label)}</b>${wide ? ' · ' : '<br>'}lowest ${formatNumber(sharedRange([surface])[0])}`,
      font: { color: colors.resolve(run.textColor), size: 14 },
      showarrow: false,
      xref: 'paper',
      yref: 'paper',
      ...labelPosition(i, drawn.length, narrow),
    })),
  } as unknown as Partial<Layout>
  return { data, layout }
}

/** Beside each other long names would run into each other. */
const shortened = (label: string) => (label.length > 24 ? `${label.slice(0, 23)}…` : label)

/** As plotly counts them. */
export const sceneName = (i: number) => (i === 0 ? 'scene' : `scene${i + 1}`)

/** Height of a figure of so many surfaces. */
export const surfaceHeight = (count: number, narrow: boolean): number => {
  const { rows } = gridOf(count, narrow)
  if (rows === 1) return 400
  return rows * (narrow ? (count > 2 ? 230 : 200) : 330)
}

/** Beside each other, from four on in two rows; on a phone two one above the other, more in pairs. */
function gridOf(count: number, narrow: boolean): { columns: number; rows: number } {
  const columns = narrow ? (count > 2 ? 2 : 1) : count > 3 ? Math.ceil(count / 2) : count
  return { columns, rows: Math.ceil(count / columns) }
}

/** Over the page's width but for the bar of colours, each under its label. */
function sceneDomain(i: number, count: number, narrow: boolean) {
  const { columns, rows } = gridOf(count, narrow)
  const width = (narrow ? 0.86 : 0.93) / columns
  const [column, row] = [i % columns, Math.floor(i / columns)]
  const top = 1 - row / rows
  const label = (columns > 2 || count > 2 ? 40 : 22) / surfaceHeight(count, narrow)
  return { x: [column * width, (column + 0.98) * width], y: [top - 1 / rows + 0.01, top - label] }
}

function labelPosition(i: number, count: number, narrow: boolean) {
  const { x, y } = sceneDomain(i, count, narrow)
  return { x: (x[0] + x[1]) / 2, y: y[1], xanchor: 'center', yanchor: 'bottom' }
}
