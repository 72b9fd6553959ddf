/** Plotly's 3-D bundle, loaded when somebody asks for it. */
import type * as PlotlyTypes from 'plotly.js'

export type Plotly = Pick<typeof PlotlyTypes, 'react' | 'purge' | 'relayout'>
export type { Data, Layout, PlotlyHTMLElement } from 'plotly.js'

let loading: Promise<Plotly> | undefined

export function loadPlotly(): Promise<Plotly> {
  loading ??= import('plotly.js-gl3d-dist-min').then(
    (module) => module.default,
    (error) => {
      // The next call tries again.
      loading = undefined
      throw error
    },
  )
  return loading
}
