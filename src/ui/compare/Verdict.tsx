/** The verdict, in the runs' colours, and the way to take the weights home. */
import { Panel } from '../panels/Panel'
import { useLab } from '../store/labStore'
import { useSummary } from './useSummary'
import { type Piece, verdict } from './verdict'
import { WeightsMenu } from './WeightsMenu'

export function Verdict() {
  return (
    <section className="card row verdict" aria-labelledby="verdict-title">
      <h2 id="verdict-title" className="visually-hidden">
        Verdict
      </h2>
      <Panel name="The verdict">
        <Sentence />
      </Panel>
      <WeightsMenu />
    </section>
  )
}

function Sentence() {
  const state = useLab((lab) => lab.state)
  const ended = state === 'finished' || state === 'stopped'
  const diverged = useLab((lab) => Object.keys(lab.diverged).length > 0)
  const summary = useSummary()
  const pieces = diverged ? DIVERGED : verdict(summary, ended)
  return (
    // Another sentence is another paragraph, not the words of the last one moved about.
    <p key={pieces.map(({ text }) => text).join('')}>
      {pieces.map((piece, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice in a sentence
        <VerdictPiece key={i} {...piece} />
      ))}
    </p>
  )
}

const DIVERGED: Piece[] = [
  {
    text: 'No verdict: a run diverged. Its last finite weights are kept; try the remedy above and train again.',
  },
]

function VerdictPiece({ text, run, strong }: Piece) {
  const look = run && { className: `run-${run.key}`, style: { color: run.textColor } }
  // A number and its unit stay together; a name may be longer than a line.
  return strong ? (
    <strong {...(look ?? { className: 'nowrap' })}>{text}</strong>
  ) : (
    <span {...look}>{text}</span>
  )
}
