/**
 * The density of the Hessian's eigenvalues, as the nodes and weights of stochastic Lanczos quadrature: a kernel of any
 * width is laid over them where they are drawn. curvature/spectrum.ts has the method and its sources.
 */

import { z } from '../../zod'
import { KrylovSpaces } from '../curvature/krylov'
import { type Quadrature, SPECTRUM_DEFAULTS, spectrumOf } from '../curvature/spectrum'
import { lookAtEach, SUBJECT_SETTINGS } from '../curvature/subjects'
import type { Finding, Measure, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { Meter } from './meter'
import { GROUPS, setting } from './settings'

const settings = {
  ...SUBJECT_SETTINGS,
  spectrum_steps: setting(z.number().int().min(2).max(500).default(SPECTRUM_DEFAULTS.steps), {
    label: 'Lanczos steps',
    help: 'Nodes a probe: more tell neighbouring eigenvalues apart. So many vectors like the weights are held meanwhile.',
    step: 10,
    group: GROUPS.hessian,
  }),
  spectrum_probes: setting(z.number().int().min(1).max(1000).default(SPECTRUM_DEFAULTS.probes), {
    label: 'Probes',
    help: 'Random vectors: their mean is the density.',
    step: 1,
    group: GROUPS.hessian,
  }),
}

export type SpectrumValues = {
  probe: Float64Array
  node: Float64Array
  /** A line a probe, NaN until it is done: where the eigenvalues are, ascending, and how many of all (they sum to 1). */
  eigenvalue: Float64Array
  weight: Float64Array
  parameters: number
  images: number
}

type Settings = SettingsIn<typeof settings>

export const spectrum: Measure<'spectrum', typeof settings, SpectrumValues> = {
  id: 'spectrum',
  title: 'spectrum',
  about: 'The density of all eigenvalues of the Hessian, by stochastic Lanczos quadrature.',
  runs: 'each',
  unit: 'products',
  settings,
  yields: {
    probe: ['probe'],
    node: ['node'],
    eigenvalue: ['probe', 'node'],
    weight: ['probe', 'node'],
    parameters: [],
    images: [],
  },
  holds: ({ spectrum_steps }) => ({
    vectors: spectrum_steps,
    vectorsBy: 'spectrum_steps',
    pass: 'product',
  }),
  compute,
}

async function compute(job: MeasureJob<Settings, SpectrumValues>): Promise<MeasureOutcome<SpectrumValues>> {
  const { spectrum_steps, spectrum_probes: probes } = job.settings
  const findings: Finding<SpectrumValues>[] = []
  const meter = new Meter(findings, spectrum_steps * probes * job.runs.length, job.onProgress)
  let before = 0
  await lookAtEach(job.runs, job.settings, async ({ run, objective }) => {
    if (job.signal?.aborted) return
    const { size } = run.network.params
    const steps = Math.min(spectrum_steps, size)
    const values: SpectrumValues = {
      probe: countedFrom1(probes),
      node: countedFrom1(steps),
      eigenvalue: new Float64Array(probes * steps).fill(Number.NaN),
      weight: new Float64Array(probes * steps).fill(Number.NaN),
      parameters: size,
      images: objective.count,
    }
    findings.push({ runs: [run.key], values })
    const spaces = new KrylovSpaces(objective)
    try {
      const wanted = { steps, probes, seed: run.config.run_seed }
      const found = await spectrumOf(spaces, wanted, {
        signal: job.signal,
        onProgress(done, _, finished) {
          takeSpectra(values, finished)
          meter.reach(before + done)
        },
      })
      takeSpectra(values, found)
      before += steps * probes
    } finally {
      spaces.dispose()
    }
  })
  const cancelled = job.signal?.aborted === true
  meter.tell(!cancelled)
  return { findings, cancelled }
}

function takeSpectra({ node, eigenvalue, weight }: SpectrumValues, spectra: readonly Quadrature[]): void {
  spectra.forEach(({ nodes, weights }, k) => {
    eigenvalue.set(nodes, k * node.length)
    weight.set(weights, k * node.length)
  })
}

const countedFrom1 = (n: number) => Float64Array.from({ length: n }, (_, i) => i + 1)
