/** The surfaces as one plotly figure: scenes that share colours, heights and camera. */
import { formatNumber } from '../../format'
import type { DrawnBasin } from '../basin'
import type { Colors } from '../colors'
import { lossScale, type ScaleChoice } from '../lossScale'
import { VIRIDIS_SCALE } from '../viridis'
import type { Data, Layout } from './plotly'

const LEVELS = 9

export interface PlotlyLook {
  choice: ScaleChoice
  colors: Colors
  /** Too narrow for surfaces beside each other. */
  narrow: boolean
  /** The one the person turned to. */
  camera: unknown
}

/** Heights are shares of the scale, 0 to 1; what they stand for is written beside them. */
export function plotlyFigure(
  drawn: readonly DrawnBasin[],
  { choice, colors, narrow, camera }: PlotlyLook,
): { data: Data[]; layout: Partial<Layout> } {
  const surfaces = drawn.map(({ surface }) => surface)
  const scale = lossScale(surfaces, choice)
  const [floor, step] = [-0.25, 1 / (LEVELS + 1)]
  const ticks = {
    tickvals: scale.ticks.map(({ value }) => scale.share(value)),
    ticktext: scale.ticks.map(({ text }) => text),
  }
  const axis = { gridcolor: colors.line, zerolinecolor: colors.line, showspikes: false, nticks: 5 }
  const title = (words: readonly string[]) => ({
    title: { text: words[words.length - 1], font: { size: 12 } },
  })
  const data = drawn.map(({ run, surface, error }, k) => ({
    type: 'surface',
    name: run.label,
    scene: sceneName(k),
    x: surface.x,
    y: surface.y,
    z: surface.z.map((row) => row.map((loss) => scale.share(loss - scale.baseOf(surface)))),
    customdata: surface.z.map((row, i) => row.map((loss, j) => [formatNumber(loss), errorText(error[i][j])])),
    cmin: 0,
    cmax: 1,
    colorscale: VIRIDIS_SCALE,
    showscale: k === 0 && !narrow,
    colorbar: { title: { text: choice.height }, thickness: 12, len: 0.8, outlinewidth: 0, x: 1, ...ticks },
    contours: {
      z: { show: true, usecolormap: false, color: colors.text, width: 1, start: step, end: 1, size: step },
    },
    hovertemplate: `${run.label}<br>x %{x:.3~g}, y %{y:.3~g}<br>loss %{customdata[0]}%{customdata[1]}<extra></extra>`,
  })) as unknown as Data[]
  const columns = narrow ? 1 : Math.min(drawn.length, 3)
  const scenes = drawn.map(({ titles }, k) => [
    sceneName(k),
    {
      domain: domainOf(k, drawn.length, columns),
      xaxis: { ...axis, ...title(titles.x) },
      yaxis: { ...axis, ...title(titles.y) },
      zaxis: { ...axis, title: { text: '' }, range: [floor, 1], ...ticks },
      aspectmode: 'manual',
      aspectratio: { x: 1, y: 1, z: 0.8 },
      camera: camera ?? { eye: { x: 1.4, y: 1.4, z: 0.95 }, center: { x: 0, y: 0, z: -0.2 } },
    },
  ])
  const layout = {
    ...Object.fromEntries(scenes),
    paper_bgcolor: colors.surface,
    font: { family: colors.font, color: colors.text, size: 11 },
    margin: { l: 0, r: 0, t: 0, b: 0 },
    uirevision: 'stay',
    showlegend: false,
    annotations: drawn.map(({ run }, k) => {
      const { x, y } = domainOf(k, drawn.length, columns)
      const place = { xref: 'paper', yref: 'paper', xanchor: 'center', yanchor: 'top' }
      const font = { color: colors.resolve(run.textColor), size: 14 }
      return { text: `<b>${run.label}</b>`, font, showarrow: false, ...place, x: (x[0] + x[1]) / 2, y: y[1] }
    }),
  } as unknown as Partial<Layout>
  return { data, layout }
}

const errorText = (error: number) => (Number.isFinite(error) ? `<br>error ${(100 * error).toFixed(1)} %` : '')

/** As plotly counts them. */
export const sceneName = (k: number) => (k === 0 ? 'scene' : `scene${k + 1}`)

/** Height of a figure of so many surfaces. */
export const plotlyHeight = (count: number, narrow: boolean): number =>
  narrow ? 330 * count : 480 * Math.ceil(count / 3)

/** Over the figure's width but for the bar of colours. */
function domainOf(k: number, count: number, columns: number) {
  const [rows, width] = [Math.ceil(count / columns), (columns === 1 ? 1 : 0.93) / columns]
  const [column, row] = [k % columns, Math.floor(k / columns)]
  return {
    x: [column * width, (column + 0.98) * width],
    y: [1 - (row + 0.98) / rows, 1 - row / rows],
  }
}
