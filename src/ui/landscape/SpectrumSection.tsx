/** The density of the Hessian's eigenvalues, all runs over each other; its kernel's width is chosen while looking. */
import { SegmentedControl, Slider } from '@mantine/core'
import { useMemo, useState } from 'react'
import { ticksWithin } from '../charts/axisTicks'
import { runLine } from '../charts/chartLines'
import { formatNumber } from '../format'
import type { ShownRun } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'
import { MeasureSection } from './MeasureSection'
import { SliceFigure } from './SliceFigure'
import { linearSpectrum, logSpectrum, type RunSpectrum, spectraOf } from './spectrumCurves'

const HEIGHT = 260
/** Of the slider, in decades below the whole range: from fine to smooth. */
const NARROWEST = -3.5
const WIDEST = -1
const USUAL = -2.2

export function SpectrumSection() {
  return (
    <MeasureSection title="Spectrum of the Hessian" name="The spectrum">
      <SpectrumFigures />
    </MeasureSection>
  )
}

function SpectrumFigures() {
  const runs = useLab(landscapeRuns)
  const findings = useLab((lab) => lab.findings.spectrum)
  const [axis, setAxis] = useState('linear')
  const [decades, setDecades] = useState(USUAL)
  const spectra = useMemo(() => spectraOf(runs, findings), [runs, findings])
  const controls = (
    <div className="row spectrum-controls">
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
  const [low, high] = [curves[0]?.at[0] ?? 0, curves[0]?.at.at(-1) ?? 1]
  const ends = spectra.map(
    ({ run, low, high }) => `${run.label} ${formatNumber(low)} to ${formatNumber(high)}`,
  )
  const lines = curves.map(({ key }) => runLine(runs.find((run) => run.key === key)!))
  return (
    <SliceFigure
      id="spectrum"
      title={title}
      subtitle={
        curves.length > 0
          ? `density of eigenvalues, kernel σ = ${formatNumber(width)}${part === 'all' ? '' : ' decades'}`
          : undefined
      }
      description={`${title}. Eigenvalues from ${ends.join(', ')}.`}
      axis={part === 'all' ? 'λ' : 'log₁₀ |λ|'}
      curves={curves}
      lines={lines}
      legend={spectra.map(({ run }) => run)}
      xDomain={[low, high]}
      xTicks={ticksWithin(low, high, 6)}
      log
      height={HEIGHT}
    />
  )
}
