/** What curves may be drawn over. */
export type Axis = 'step' | 'epoch' | 'gradientEvaluations' | 'seconds'

/** As written at the axis. */
export const AXES: Record<Axis, string> = {
  step: 'steps',
  epoch: 'epochs',
  gradientEvaluations: 'gradient evaluations',
  seconds: 'seconds',
}
