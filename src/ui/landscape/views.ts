/**
 * How measures are drawn, in the order of the Landscape page. A new drawing is a line here; a measure without one is
 * shown as a table after them.
 */
import type { ComponentType } from 'react'
import type { MeasureId } from '../../worker/protocol'
import MemorisedSection from '../data/MemorisedSection'
import { StepSection } from '../step/StepSection'
import { CurvatureSection } from './CurvatureSection'
import { InterpolationSection } from './InterpolationFigures'
import { LineSection } from './LineFigures'
import { SpectrumSection } from './SpectrumSection'
import { SurfaceSection } from './SurfaceFigure'

export const VIEWS: { [Id in MeasureId]?: ComponentType } = {
  surface: SurfaceSection,
  line: LineSection,
  interpolation: InterpolationSection,
  curvature: CurvatureSection,
  spectrum: SpectrumSection,
  step: StepSection,
  memorised: MemorisedSection,
}
