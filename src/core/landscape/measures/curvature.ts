/**
 * Curvature of a point: the largest eigenvalues of the Hessian and the smallest, its trace whole and by parameter, the
 * gradient and the curvature along it. curvature/ has the methods and their sources.
 */
import { z } from '../../zod'
import {
  EIGEN_DEFAULTS,
  type Eigenvalues,
  extremeEigenvalues,
  LEAST_VECTORS,
  stepsWithin,
} from '../curvature/eigenvalues'
import { KrylovSpaces, seededStart } from '../curvature/krylov'
import { lookAtEach, SUBJECT_SETTINGS, type Subject, slopeOf } from '../curvature/subjects'
import { estimateTrace, TRACE_DEFAULTS, type TraceEstimate } from '../curvature/trace'
import { nans } from '../slice'
import type { Finding, Measure, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { Meter } from './meter'
import { GROUPS, setting } from './settings'

const settings = {
  ...SUBJECT_SETTINGS,
  eigenvalues: setting(z.number().int().min(1).max(50).default(EIGEN_DEFAULTS.top), {
    label: 'Eigenvalues',
    help: 'How many of the largest; the smallest is found with them.',
    step: 1,
    group: GROUPS.hessian,
  }),
  residual: setting(z.number().min(1e-6).max(0.1).default(EIGEN_DEFAULTS.tolerance), {
    label: 'Residual',
    help: 'Ends when every ‖Hv − λv‖ is below this part of the largest |λ|.',
    step: 1e-4,
    group: GROUPS.hessian,
  }),
  trace_probes: setting(z.number().int().min(0).max(10000).default(TRACE_DEFAULTS.least), {
    label: 'Trace probes',
    help: 'Random vectors for the trace, more where its standard error stays above 2 %; 0: no trace.',
    step: 8,
    group: GROUPS.hessian,
  }),
}

export type CurvatureValues = {
  rank: Float64Array
  /** λ₁ ≥ λ₂ …, with ‖Hv − λv‖. */
  eigenvalue: Float64Array
  residual: Float64Array
  parameter: readonly string[]
  parameter_trace: Float64Array
  parameter_error: Float64Array
  smallest?: number
  smallest_residual?: number
  trace?: number
  /** Standard error. */
  trace_error?: number
  /** Of the objective whose Hessian it is. */
  loss?: number
  gradient_norm?: number
  gradient_curvature?: number
  products?: number
  converged?: boolean
  images: number
}

type Settings = SettingsIn<typeof settings>

export const curvature: Measure<'curvature', typeof settings, CurvatureValues> = {
  id: 'curvature',
  title: 'curvature',
  about: 'Largest and smallest eigenvalues of the Hessian, its trace, and the curvature along the gradient.',
  runs: 'each',
  unit: 'products',
  settings,
  yields: {
    rank: ['rank'],
    eigenvalue: ['rank'],
    residual: ['rank'],
    parameter: ['parameter'],
    parameter_trace: ['parameter'],
    parameter_error: ['parameter'],
    smallest: [],
    smallest_residual: [],
    trace: [],
    trace_error: [],
    loss: [],
    gradient_norm: [],
    gradient_curvature: [],
    products: [],
    converged: [],
    images: [],
  },
  holds: () => ({ vectors: LEAST_VECTORS, pass: 'product' }),
  compute,
}

/** Products that both ends of a trained network's spectrum usually take; progress counts on them. */
const USUAL_PRODUCTS = 45

async function compute(job: MeasureJob<Settings, CurvatureValues>): Promise<MeasureOutcome<CurvatureValues>> {
  const findings: Finding<CurvatureValues>[] = []
  const perRun = 1 + USUAL_PRODUCTS + job.settings.trace_probes
  const meter = new Meter(findings, perRun * job.runs.length, job.onProgress)
  let before = 0
  await lookAtEach(job.runs, job.settings, async (subject) => {
    if (job.signal?.aborted) return
    const finding: Finding<CurvatureValues> = {
      runs: [subject.run.key],
      values: emptyValues(subject, job.settings),
    }
    findings.push(finding)
    const done = await lookAt(subject, finding.values, job, (products) => meter.reach(before + products))
    before += done
    meter.total = before + perRun * (job.runs.length - findings.length)
    meter.reach(before)
  })
  const cancelled = job.signal?.aborted === true
  meter.tell(!cancelled)
  return { findings, cancelled }
}

/** @returns the products it took */
async function lookAt(
  { run, objective }: Subject,
  values: CurvatureValues,
  {
    settings: { eigenvalues, residual, trace_probes },
    signal,
    vectors,
  }: MeasureJob<Settings, CurvatureValues>,
  onProducts: (products: number) => void,
): Promise<number> {
  const { entries } = run.network.params
  const { loss, gradientNorm, curvature: along } = await slopeOf(objective)
  Object.assign(values, { loss, gradient_norm: gradientNorm, gradient_curvature: along })
  const start = seededStart(objective, run.config.run_seed)
  const spaces = new KrylovSpaces(objective)
  const space = spaces.from(start)
  try {
    const maxSteps = stepsWithin(vectors)
    const wanted = { ...EIGEN_DEFAULTS, top: eigenvalues, tolerance: residual, maxSteps }
    const onProgress = (found: Eigenvalues) => {
      takeEigenvalues(values, found)
      onProducts(1 + found.products)
    }
    const found = await extremeEigenvalues(space, wanted, { onProgress, signal })
    if (found) takeEigenvalues(values, found)
    const products = 1 + space.steps
    if (signal?.aborted || trace_probes === 0) return products
    const trace = await estimateTrace(
      objective,
      space,
      { entries },
      {
        ...TRACE_DEFAULTS,
        least: trace_probes,
        most: Math.max(trace_probes, TRACE_DEFAULTS.most),
        seed: run.config.run_seed,
      },
      {
        signal,
        onProgress(estimate) {
          takeTrace(values, estimate)
          onProducts(products + estimate.probes)
        },
      },
    )
    return products + (trace?.probes ?? 0)
  } finally {
    space.dispose()
    spaces.dispose()
    start.dispose()
  }
}

function emptyValues({ run, objective }: Subject, { eigenvalues }: Settings): CurvatureValues {
  const { entries } = run.network.params
  return {
    rank: Float64Array.from({ length: eigenvalues }, (_, i) => i + 1),
    eigenvalue: nans(eigenvalues),
    residual: nans(eigenvalues),
    parameter: entries.map(({ name }) => name),
    parameter_trace: nans(entries.length),
    parameter_error: nans(entries.length),
    images: objective.count,
  }
}

function takeEigenvalues(values: CurvatureValues, { top, lowest, products, converged }: Eigenvalues): void {
  top.forEach(({ value, residual }, i) => {
    values.eigenvalue[i] = value
    values.residual[i] = residual
  })
  Object.assign(values, { smallest: lowest.value, smallest_residual: lowest.residual, products, converged })
}

function takeTrace(values: CurvatureValues, { trace, byParameter }: TraceEstimate): void {
  Object.assign(values, { trace: trace.value, trace_error: trace.error })
  byParameter.forEach(({ value, error }, i) => {
    values.parameter_trace[i] = value
    values.parameter_error[i] = error
  })
}
