/**
 * How measures are drawn, in the order of the Landscape page. A new drawing is a line here; a measure without one is
 * shown as a table after them.
 */
import '../styles/planes.css'
import type { ComponentType } from 'react'
import type { MeasureId } from '../../worker/protocol'
import MemorisedSection from '../data/MemorisedSection'
import { StepSection } from '../step/StepSection'
import { CurvatureSection } from './CurvatureSection'
import { CurveSection } from './CurveSection'
import { InterpolationSection } from './InterpolationFigures'
import { LineSection } from './LineFigures'
import { RescalingSection } from './RescalingSection'
import { SpectrumSection } from './SpectrumSection'
import { SurfaceWithCuts } from './SurfaceFigure'
import { TrajectorySection } from './TrajectorySection'

export const VIEWS: { [Id in MeasureId]?: ComponentType } = {
  surface: SurfaceWithCuts,
  trajectory: TrajectorySection,
  line: LineSection,
  interpolation: InterpolationSection,
  curve: CurveSection,
  curvature: CurvatureSection,
  spectrum: SpectrumSection,
  rescaling: RescalingSection,
  step: StepSection,
  memorised: MemorisedSection,
}
