/** The rescaling test: one function, other weights; a slider says by how much, figures say what of sharpness stays. */
import { Slider } from '@mantine/core'
import { useState } from 'react'
import type { ValuesOf } from '../../worker/protocol'
import { rawLine, runLine } from '../charts/chartLines'
import { formatCount, formatNumber, formatPercent, formatSetting } from '../format'
import { ScrollRegion } from '../panels/ScrollRegion'
import { RunHeads } from '../runs/RunHeads'
import { type Found, useFound } from './found'
import { MeasureSection } from './MeasureSection'
import { SliceFigure } from './SliceFigure'

type Values = ValuesOf<'rescaling'>

export function RescalingSection() {
  return (
    <MeasureSection title="What sharpness is not: the rescaling test" name="The rescaling test">
      <RescalingFigures />
    </MeasureSection>
  )
}

function RescalingFigures() {
  const found = useFound('rescaling')
  const [chosen, choose] = useState<number>()
  const alphas = found[0]?.values.alpha ?? new Float64Array([1])
  const middle = (alphas.length - 1) >> 1
  const k = Math.min(chosen ?? middle, alphas.length - 1)
  return (
    <>
      {found.length > 0 && (
        <div className="card row rescaling">
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
                marks={Array.from(alphas, (_, value) => ({ value }))}
              />
            </div>
          </div>
          <Numbers found={found} k={k} middle={middle} />
        </div>
      )}
      <div className="charts">
        <RescaledSlice found={found} k={k} middle={middle} what="normalised" />
        <RescaledSlice found={found} k={k} middle={middle} what="plain" />
      </div>
    </>
  )
}

interface FoundAt {
  found: readonly Found<'rescaling'>[]
  /** Index of the α that is looked at. */
  k: number
  /** Where α is 1: drawn faintly behind. */
  middle: number
}

type Fate = 'stays' | 'changes'

/** What stays, then what does not. */
function Numbers({ found, k, middle }: FoundAt) {
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
    <ScrollRegion label="Rescaling test: numbers">
      <table className="rescaling-numbers">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">number</span>
            </th>
            <RunHeads runs={found.map(({ run }) => run)} />
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
    </ScrollRegion>
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

function RescaledSlice({ found, k, middle, what }: FoundAt & { what: keyof typeof SLICES }) {
  const { title, subtitle } = SLICES[what]
  const curvesAt = (row: number, suffix: string) =>
    found.map(({ run, values }) => {
      const { a } = values
      const y = values[what].slice(row * a.length, (row + 1) * a.length)
      return { key: run.key + suffix, name: run.label, at: a, y }
    })
  const curves = curvesAt(k, '')
  const range = curves[0]?.at.at(-1) ?? 1
  const alpha = found[0] ? formatSetting(found[0].values.alpha[k]) : ''
  return (
    <SliceFigure
      id="rescaling"
      title={title}
      subtitle={subtitle}
      description={`${title} of the loss at α = ${alpha}.`}
      axis="a"
      curves={curves}
      faint={curvesAt(middle, 'Raw')}
      lines={found.flatMap(({ run }) => [rawLine(run), runLine(run)])}
      legend={found.map(({ run }) => run)}
      xDomain={[-range, range]}
      xTicks={[-range, -range / 2, 0, range / 2, range]}
    />
  )
}
