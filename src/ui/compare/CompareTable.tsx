/** The runs side by side, with the settings that differ above what came of them. */
import { flagText } from '../../core/config/flags'
import { fieldMeta } from '../../core/config/schema'
import { methodOf } from '../../core/optim/methods'
import {
  formatAlike,
  formatCount,
  formatNumber,
  formatPercent,
  formatSeconds,
  formatSetting,
} from '../format'
import { type ComparedLine, ComparedTable } from './ComparedTable'
import type { RunSummary } from './summary'

type Line = ComparedLine<RunSummary>

/** A line of numbers, all with as many decimals. */
function numbersLine(
  runs: readonly RunSummary[],
  name: string,
  note: string,
  value: (summary: RunSummary) => number | undefined,
): Line {
  const texts = formatAlike(runs.map(value))
  return { name, note, text: (summary) => texts[runs.indexOf(summary)] }
}

export function CompareTable({ runs }: { runs: readonly RunSummary[] }) {
  return (
    <ComparedTable
      title="Runs side by side"
      columns={runs}
      headOf={({ run }) => run}
      lines={[...settingLines(runs), ...linesOf(runs)]}
    />
  )
}

/** One for each setting that the runs do not have in common. */
const settingLines = ([first]: readonly RunSummary[]): Line[] =>
  first.run.differs.map((name) => ({
    name: fieldMeta(name).label,
    note: name,
    // At ρ = 0 a run is SGD, whatever its variant.
    text: ({ run }) =>
      name === 'sam_variant' ? methodOf(run.config).title : flagText(run.config[name]) || 'none',
  }))

const wrongLabels = ({ run }: RunSummary): number => run.info?.data.numWrongLabels ?? 0

/** Several, so that one gap is taken over a longer way than another. */
const hasRadii = (runs: readonly RunSummary[]): boolean =>
  new Set(runs.map(({ run }) => run.config.sam_rho).filter((rho) => rho > 0)).size > 1

function linesOf(runs: readonly RunSummary[]): Line[] {
  const [first] = runs
  const level = runs.find(({ width }) => width)?.width?.level
  const whole = first?.testIsWhole ? 'all ' : ''
  const noisy = runs.some((run) => wrongLabels(run) > 0)
  const wrong = [...new Set(runs.map(wrongLabels))].map(formatCount).join(', ')
  return [
    {
      name: 'Test error',
      note: first?.testCount ? `${whole}${formatCount(first.testCount)} test images` : 'not evaluated yet',
      text: ({ testError }) => formatPercent(testError),
    },
    {
      name: 'Training error',
      note: noisy ? 'on the noisy labels' : 'on the training labels',
      text: ({ trainError }) => formatPercent(trainError),
    },
    numbersLine(runs, 'Training loss', 'L(θ), mean of the last 50 steps', ({ loss }) => loss),
    numbersLine(
      runs,
      'Sharpness gap',
      `L(θ + ε̂) − L(θ), mean of the last 50 measured${hasRadii(runs) ? ', each at its own ρ' : ''}`,
      ({ gap }) => gap,
    ),
    ...(noisy
      ? [
          {
            name: 'Wrong labels memorised',
            note: `of ${wrong}`,
            text: ({ memorised }: RunSummary) => formatPercent(memorised),
          },
        ]
      : []),
    {
      name: 'Basin width',
      note: level === undefined ? 'after a 1-D slice' : `where the loss is at most ${formatSetting(level)}`,
      text: ({ width }) => (width ? `${width.clipped ? '≥ ' : ''}${formatNumber(width.width)}` : '–'),
    },
    { name: 'Training time', text: ({ seconds }) => formatSeconds(seconds) },
    {
      name: 'Gradient evaluations',
      text: ({ gradientEvaluations }) => formatCount(gradientEvaluations),
    },
    {
      name: 'Best epoch in hindsight',
      note: 'chosen on the test images: nobody knows it while training',
      text: ({ best }) =>
        best ? `${formatPercent(best.testErrorRate)} at epoch ${formatSetting(best.epoch)}` : '–',
    },
  ]
}
