/** The page's colours for drawings that are not styled by CSS (plotly, canvas). */
import type { RunId } from '../../worker/protocol'

export interface Colors {
  text: string
  line: string
  surface: string
  font: string
  runs: Record<RunId, string>
}

/** Reads them as they are now: call again when the colour scheme changes. */
export function readColors(): Colors {
  const style = getComputedStyle(document.documentElement)
  const variable = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: variable('--mantine-color-dimmed'),
    line: variable('--basin-line'),
    surface: variable('--mantine-color-body'),
    font: getComputedStyle(document.body).fontFamily,
    runs: { sgd: variable('--run-sgd'), sam: variable('--run-sam') },
  }
}
