/**
 * How measures are drawn, in the order of the Landscape page. A new drawing is a line here; a measure without one is
 * shown as a table after them.
 */
import type { ComponentType } from 'react'
import type { MeasureId } from '../../worker/protocol'
import { InterpolationSection } from './InterpolationFigures'
import { LineSection } from './LineFigures'
import { SurfaceSection } from './SurfaceFigure'

export const VIEWS: { [Id in MeasureId]?: ComponentType } = {
  surface: SurfaceSection,
  line: LineSection,
  interpolation: InterpolationSection,
}
