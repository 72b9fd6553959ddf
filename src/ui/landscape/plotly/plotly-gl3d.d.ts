declare module 'plotly.js-gl3d-dist-min' {
  import type * as PlotlyTypes from 'plotly.js'

  const plotly: Pick<typeof PlotlyTypes, 'react' | 'purge' | 'relayout'>
  export default plotly
}
