/** The rescaling test: one function, other weights; a slider says by how much, figures say what of sharpness stays. */
import { Slider } from '@mantine/core'
import { useState } from 'react'
import type { ValuesOf } from '../../worker/protocol'
import { rawLine, runLine } from '../charts/chartLines'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatCount, formatNumber, formatPercent, formatSetting } from '../format'
import { Panel } from '../panels/Panel'
import { RunMark } from '../runs/RunMark'
import type { ShownRun } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'
import { useMeasureFiles } from './measureCsv'
import { ASKED_HEIGHT, NotComputed, rowsOf, SLICE_HEIGHT, sliceTable } from './sliceChart'

type Values = ValuesOf<'rescaling'>
interface Found {
  run: ShownRun
  values: Values
}

export function RescalingSection() {
  return (
    <>
      <h2 className="between">What sharpness is not: the rescaling test</h2>
      <Panel name="The rescaling test">
        <RescalingFigures />
      </Panel>
    </>
  )
}

function RescalingFigures() {
  const runs = useLab(landscapeRuns)
  const findings = useLab((lab) => lab.findings.rescaling)
  const [chosen, choose] = useState<number>()
  const found = runs.flatMap((run): Found[] =>
    findings?.[run.key] ? [{ run, values: findings[run.key].values }] : [],
  )
  const alphas = found[0]?.values.alpha ?? new Float64Array([1])
  const middle = (alphas.length - 1) >> 1
  const k = Math.min(chosen ?? middle, alphas.length - 1)
  return (
    <>
      {found.length > 0 && (
        <div className="card rescaling">
          <div>
            <p>
              {found[0].values.layer[0]} × α, {found[0].values.layer[1]} ÷ α: other weights, the same
              function. Whatever changes with the slider is no property of the function.
            </p>
            <div className="way-slider">
              <span id="rescaling-alpha">α = {formatSetting(alphas[k])}</span>
              <Slider
                thumbLabel="α of the rescaling"
                aria-labelledby="rescaling-alpha"
                value={k}
                onChange={choose}
                min={0}
                max={Math.max(1, alphas.length - 1)}
                step={1}
                label={null}
                marks={Array.from(alphas, (_, value) => ({ value }))}
              />
            </div>
          </div>
          <Numbers found={found} k={k} middle={middle} />
        </div>
      )}
      <div className="charts">
        <SliceFigure found={found} k={k} middle={middle} what="normalised" />
        <SliceFigure found={found} k={k} middle={middle} what="plain" />
      </div>
    </>
  )
}

type Fate = 'stays' | 'changes'

/** What stays, then what does not. */
function Numbers({ found, k, middle }: { found: readonly Found[]; k: number; middle: number }) {
  const lines: [string, (values: Values) => string, Fate][] = [
    ['test error', ({ test_error }) => formatPercent(test_error[k]), 'stays'],
    [
      'predictions changed',
      ({ changed, test_images }) => `${formatNumber(changed[k])} of ${formatCount(test_images)}`,
      'stays',
    ],
    ['largest change of a logit', ({ largest_difference }) => formatNumber(largest_difference[k]), 'stays'],
    ['λ₁', ({ lambda1 }) => formatNumber(lambda1[k]), 'changes'],
    [
      'λ₁ beside that at α = 1',
      ({ lambda1 }) => `× ${formatNumber(lambda1[k] / lambda1[middle])}`,
      'changes',
    ],
  ]
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs focus
    <section className="table-scroll" tabIndex={0} aria-label="Rescaling test: numbers">
      <table className="rescaling-numbers">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">number</span>
            </th>
            {found.map(({ run }) => (
              <th key={run.key} scope="col">
                <RunMark run={run} /> {run.label}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">what α does to it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([name, text, fate]) => (
            <tr key={name} data-fate={fate}>
              <th scope="row">{name}</th>
              {found.map(({ run, values }) => (
                <td key={run.key}>{text(values)}</td>
              ))}
              <td className="fate">{fate}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const SLICES = {
  plain: {
    title: 'Plain slice',
    subtitle: 'along one direction of one length: it changes with α; faint: α = 1',
  },
  normalised: {
    title: 'Filter-normalised slice',
    subtitle: 'the same draw, scaled to the filters: it stays',
  },
}

interface SliceFigureProps {
  found: readonly Found[]
  k: number
  /** Where α is 1: drawn faintly behind. */
  middle: number
  what: keyof typeof SLICES
}

function SliceFigure({ found, k, middle, what }: SliceFigureProps) {
  const { title, subtitle } = SLICES[what]
  const curvesAt = (row: number, suffix: string) =>
    found.map(({ run, values }) => {
      const { a } = values
      const y = values[what].slice(row * a.length, (row + 1) * a.length)
      return { key: run.key + suffix, name: run.label, at: a, y }
    })
  const curves = curvesAt(k, '')
  const faint = curvesAt(middle, 'Raw')
  const range = curves[0]?.at.at(-1) ?? 1
  const alpha = found[0] ? formatSetting(found[0].values.alpha[k]) : ''
  return (
    <Figure
      title={title}
      subtitle={subtitle}
      description={found.length > 0 ? `${title} of the loss at α = ${alpha}.` : 'Not computed yet.'}
      table={() => sliceTable('a', curves, formatNumber)}
      height={found.length > 0 ? SLICE_HEIGHT : ASKED_HEIGHT}
      empty={found.length === 0}
      files={useMeasureFiles('rescaling')}
      legend={found.map(({ run }) => run)}
    >
      {found.length === 0 ? (
        <NotComputed height={ASKED_HEIGHT} />
      ) : (
        <LazyLineChart
          rows={rowsOf([...curves, ...faint])}
          lines={found.flatMap(({ run }) => [rawLine(run), runLine(run)])}
          xDomain={[-range, range]}
          xTicks={[-range, -range / 2, 0, range / 2, range]}
          xLabel="a"
          unit="number"
          log={false}
          fromZero
          height={SLICE_HEIGHT}
        />
      )}
    </Figure>
  )
}
