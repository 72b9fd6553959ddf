/** The density of the Hessian's eigenvalues, all runs over each other; its kernel's width is chosen while looking. */
import { SegmentedControl, Slider } from '@mantine/core'
import { useMemo, useState } from 'react'
import { axisTicks } from '../charts/axisTicks'
import { runLine } from '../charts/chartLines'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatNumber } from '../format'
import { Panel } from '../panels/Panel'
import type { ShownRun } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'
import { useMeasureFiles } from './measureCsv'
import { ASKED_HEIGHT, NotComputed, rowsOf, sliceTable } from './sliceChart'
import { linearSpectrum, logSpectrum, type RunSpectrum, spectraOf } from './spectrumCurves'

const HEIGHT = 260
/** Of the slider, in decades below the whole range: from fine to smooth. */
const NARROWEST = -3.5
const WIDEST = -1
const USUAL = -2.2

export function SpectrumSection() {
  return (
    <>
      <h2 className="between">Spectrum of the Hessian</h2>
      <Panel name="The spectrum">
        <SpectrumFigures />
      </Panel>
    </>
  )
}

function SpectrumFigures() {
  const runs = useLab(landscapeRuns)
  const findings = useLab((lab) => lab.findings.spectrum)
  const [axis, setAxis] = useState('linear')
  const [decades, setDecades] = useState(USUAL)
  const spectra = useMemo(() => spectraOf(runs, findings), [runs, findings])
  const controls = (
    <div className="spectrum-controls">
      <SegmentedControl
        aria-label="Axis of the spectrum"
        value={axis}
        onChange={setAxis}
        data={[
          { value: 'linear', label: 'λ' },
          { value: 'log', label: 'log |λ|' },
        ]}
      />
      <div className="spectrum-width">
        <span id="spectrum-width">Kernel width</span>
        <Slider
          thumbLabel="Kernel width"
          aria-labelledby="spectrum-width"
          value={decades}
          onChange={setDecades}
          min={NARROWEST}
          max={WIDEST}
          step={0.1}
          label={null}
        />
      </div>
    </div>
  )
  return (
    <>
      {spectra.length > 0 && controls}
      {axis === 'linear' ? (
        <div className="charts one">
          <SpectrumFigure runs={runs} spectra={spectra} part="all" decades={decades} />
        </div>
      ) : (
        <div className="charts">
          <SpectrumFigure runs={runs} spectra={spectra} part="negative" decades={decades} />
          <SpectrumFigure runs={runs} spectra={spectra} part="positive" decades={decades} />
        </div>
      )}
    </>
  )
}

interface SpectrumFigureProps {
  runs: readonly ShownRun[]
  spectra: readonly RunSpectrum[]
  part: 'all' | 'negative' | 'positive'
  decades: number
}

const TITLES = {
  all: 'Spectrum',
  negative: 'Spectrum: negative eigenvalues',
  positive: 'Spectrum: positive eigenvalues',
}

function SpectrumFigure({ runs, spectra, part, decades }: SpectrumFigureProps) {
  const { curves, width } = useMemo(
    () =>
      part === 'all'
        ? linearSpectrum(spectra, decades)
        : logSpectrum(spectra, part === 'positive' ? 1 : -1, decades),
    [spectra, part, decades],
  )
  const title = TITLES[part]
  const unit = part === 'all' ? 'λ' : 'log₁₀ |λ|'
  const [low, high] = [curves[0]?.at[0] ?? 0, curves[0]?.at.at(-1) ?? 1]
  const isEmpty = curves.length === 0
  const ends = spectra.map(
    ({ run, low, high }) => `${run.label} ${formatNumber(low)} to ${formatNumber(high)}`,
  )
  const lines = curves.map(({ key }) => runLine(runs.find((run) => run.key === key)!))
  return (
    <Figure
      title={title}
      subtitle={
        isEmpty
          ? undefined
          : `density of eigenvalues, kernel σ = ${formatNumber(width)}${part === 'all' ? '' : ' decades'}`
      }
      description={isEmpty ? 'Not computed yet.' : `${title}. Eigenvalues from ${ends.join(', ')}.`}
      table={() => sliceTable(unit, curves, formatNumber)}
      height={isEmpty ? ASKED_HEIGHT : HEIGHT}
      empty={isEmpty}
      files={useMeasureFiles('spectrum')}
      legend={spectra.map(({ run }) => run)}
    >
      {isEmpty ? (
        <NotComputed height={ASKED_HEIGHT} />
      ) : (
        <LazyLineChart
          rows={rowsOf(curves)}
          lines={lines}
          xDomain={[low, high]}
          xTicks={axisTicks(low, high, 6).filter((tick) => tick >= low && tick <= high)}
          xLabel={unit}
          unit="number"
          log
          fromZero={false}
          height={HEIGHT}
        />
      )}
    </Figure>
  )
}
