/** Curves from the nodes and weights of a spectrum: where they are drawn, how wide the kernel is, where nothing is left. */
import {
  densityOf,
  evenly,
  type FindingOf,
  logDensityOf,
  type Quadrature,
  quadraturesOf,
  rangeOf,
} from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import type { Curve } from './sliceChart'

export interface RunSpectrum {
  run: ShownRun
  quadratures: Quadrature[]
  parameters: number
  /** Of its eigenvalues. */
  low: number
  high: number
}

export interface Drawn {
  curves: Curve[]
  /** Of the kernel, in the axis' unit. */
  width: number
}

const POINTS = 700
/** Beside the largest |λ|: below lies what 32-bit products make of zero. */
const SMALLEST = 1e-5
/** Beside the height of a single eigenvalue: what is drawn as nothing. */
const FLOOR = 0.05

const NOTHING: Drawn = { curves: [], width: 0 }

export function spectraOf(
  runs: readonly ShownRun[],
  findings: Record<string, FindingOf<'spectrum'>> | undefined,
): RunSpectrum[] {
  return runs.flatMap((run) => {
    const values = findings?.[run.key]?.values
    const quadratures = values ? quadraturesOf(values) : []
    if (!values || quadratures.length === 0) return []
    const [low, high] = rangeOf(quadratures)
    return [{ run, quadratures, parameters: values.parameters, low, high }]
  })
}

/** @param decades of the kernel's width below the whole range */
export function linearSpectrum(spectra: readonly RunSpectrum[], decades: number): Drawn {
  if (spectra.length === 0) return NOTHING
  const [low, high] = endsOf(spectra)
  const range = high - low || 1
  const width = range * 10 ** decades
  const margin = Math.max(4 * width, 0.02 * range)
  const at = evenly(low - margin, high + margin, POINTS)
  return {
    width,
    curves: spectra.map((one) => curveOf(one, at, width, densityOf(one.quadratures, width, at).density)),
  }
}

/** Of the eigenvalues of one sign, over log₁₀|λ|. */
export function logSpectrum(spectra: readonly RunSpectrum[], sign: 1 | -1, decades: number): Drawn {
  if (spectra.length === 0) return NOTHING
  const [low, high] = endsOf(spectra)
  const largest = Math.max(Math.abs(low), Math.abs(high))
  const floor = SMALLEST * largest
  const [from, to] = [Math.log10(floor), Math.log10(largest)]
  const width = (to - from) * 10 ** decades
  const at = evenly(from - 4 * width, to + 4 * width, POINTS)
  return {
    width,
    curves: spectra.map((one) =>
      curveOf(one, at, width, logDensityOf(one.quadratures, sign, width, at, floor).density),
    ),
  }
}

const endsOf = (spectra: readonly RunSpectrum[]): [number, number] => [
  Math.min(...spectra.map(({ low }) => low)),
  Math.max(...spectra.map(({ high }) => high)),
]

function curveOf(
  { run, parameters }: RunSpectrum,
  at: Float64Array,
  width: number,
  density: Float64Array,
): Curve {
  const single = 1 / (parameters * Math.sqrt(2 * Math.PI) * width)
  return { key: run.key, name: run.label, at, y: density.map((value) => Math.max(value, FLOOR * single)) }
}
