/** Both runs side by side, with the settings that differ named. */
import type { SessionInfo } from '../../worker/protocol'
import { formatCount, formatNumber, formatPercent, formatSeconds, formatSetting, RUN_LABEL } from '../format'
import type { RunSummary } from './summary'

interface Line {
  name: string
  note?: string
  text: (summary: RunSummary) => string
}

export function CompareTable({ runs, session }: { runs: readonly RunSummary[]; session: SessionInfo }) {
  return (
    // On a phone the table may scroll sideways; the keyboard must be able to do that, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs focus
    <section className="compare-scroll" tabIndex={0} aria-label="Both runs side by side">
      <table className="compare">
        <caption className="visually-hidden">Both runs side by side</caption>
        <thead>
          <tr>
            <td />
            {runs.map(({ run }) => (
              <th key={run} scope="col" className={`run-${run}`}>
                {RUN_LABEL[run]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {linesOf(runs, session).map(({ name, note, text }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {note && <span className="row-note">{note}</span>}
              </th>
              {runs.map((summary) => (
                <td key={summary.run}>{text(summary)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function linesOf(runs: readonly RunSummary[], session: SessionInfo): Line[] {
  const [first] = runs
  const level = runs.find(({ width }) => width)?.width?.level
  const whole = first?.testIsWhole ? 'all ' : ''
  const noisy = session.numWrongLabels > 0
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
    { name: 'Training loss', note: 'L(θ), last 50 steps', text: ({ loss }) => formatNumber(loss) },
    {
      name: 'Sharpness gap',
      note: 'L(θ + ε̂) − L(θ), last 50 measured',
      text: ({ gap }) => formatNumber(gap),
    },
    ...(noisy
      ? [
          {
            name: 'Wrong labels memorised',
            note: `of ${formatCount(session.numWrongLabels)}`,
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
