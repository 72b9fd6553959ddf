/** The live curves: what each is called, where its values come from, and how they read. */
import type { EvalMetrics, RunInfo, SessionInfo } from '../../worker/protocol'
import type { MetricName, RunHistory } from '../store/history'

export interface Curve {
  key: string
  title: string
  subtitle: (session: SessionInfo | undefined, evaluations: readonly EvalMetrics[]) => string
  unit: 'number' | 'percent'
  /** The first steps are far above what follows, which is what there is to see. */
  settles?: boolean
  /** Why there is nothing, where all runs have been trained and none has a value. */
  none?: string
  /** Values of every step … */
  steps?: (history: RunHistory) => Float64Array
  /** … or of every evaluation. */
  evaluations?: (metrics: EvalMetrics) => number | undefined
}

const column = (name: MetricName) => (history: RunHistory) => history.column(name)

const labelsTrainedOn = (session: SessionInfo | undefined): string =>
  session?.runs.some(hasWrongLabels) ? 'on noisy labels' : 'on the training labels'

const hasWrongLabels = ({ data }: RunInfo): boolean => data.numWrongLabels > 0

const TRAINING_ERROR: Curve = {
  key: 'errorRate',
  title: 'Training error',
  subtitle: (session) => `each batch, ${labelsTrainedOn(session)}`,
  unit: 'percent',
  steps: column('errorRate'),
}

const MEMORISED: Curve = {
  key: 'memorised',
  title: 'Wrong labels memorised',
  subtitle: () => 'share of the wrong labels that the network predicts',
  unit: 'percent',
  evaluations: (metrics) => metrics.memorised,
}

const MAIN: readonly Curve[] = [
  {
    key: 'loss',
    title: 'Training loss',
    subtitle: (session) => `L(θ) ${labelsTrainedOn(session)}`,
    unit: 'number',
    steps: column('loss'),
  },
  {
    key: 'testError',
    title: 'Test error',
    subtitle: (_, evaluations) => {
      const last = evaluations[evaluations.length - 1]
      if (!last) return 'clean labels'
      return `clean labels, ${last.testIsWhole ? 'all ' : ''}${last.testCount.toLocaleString('en-US')} images`
    },
    unit: 'percent',
    evaluations: (metrics) => metrics.testErrorRate,
  },
  {
    key: 'gap',
    title: 'Sharpness gap',
    subtitle: () => 'L(θ + ε̂) − L(θ)',
    unit: 'number',
    settles: true,
    none: 'At ρ = 0 nobody looks uphill: there is no L(θ + ε̂) to compare with.',
    steps: (history) => {
      const loss = history.column('loss')
      return history.column('perturbedLoss').map((perturbed, i) => perturbed - loss[i])
    },
  },
]

const ofSteps = (key: MetricName, title: string, subtitle: string): Curve => {
  return { key, title, subtitle: () => subtitle, unit: 'number', steps: column(key) }
}

const MORE: readonly Curve[] = [
  {
    ...ofSteps('perturbedLoss', 'Perturbed loss', 'L(θ + ε̂)'),
    none: 'At ρ = 0 nobody looks uphill: there is no L(θ + ε̂).',
  },
  ofSteps('gradientNorm', 'Gradient norm', 'of the final gradient, after clipping'),
  ofSteps('paramNorm', 'Parameter norm', '‖θ‖'),
  ofSteps('learningRate', 'Learning rate', 'after the schedule'),
]

/** The curves in sight and those behind them: where labels are wrong, how many of those were learnt by heart matters most. */
export function curvesFor(noisy: boolean): { main: readonly Curve[]; more: readonly Curve[] } {
  return noisy
    ? { main: [...MAIN, MEMORISED], more: [TRAINING_ERROR, ...MORE] }
    : { main: [...MAIN, TRAINING_ERROR], more: MORE }
}
