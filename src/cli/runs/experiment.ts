/**
 * Runs over several seeds: error, memorising, cost, and the loss around the minimum, as docs/presets.md and
 * docs/methods.md have them. Each seed has its own subset, noise, weights and order, shared by all of its runs.
 */
import { MOST_RUNS, type RunEntry, runsText } from '../../core/config/runList'
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import { LossProbe } from '../../core/landscape/lossProbe'
import { DEFAULT_MEASURE_SETTINGS } from '../../core/landscape/measures/info'
import { sliceLine } from '../../core/landscape/measures/line'
import { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import { openPool } from '../data/datasets'
import { topEigenvalue } from './topEigenvalue'

/** Directions and images that L(±a) and widths are the mean over. */
const DIRECTIONS = 3
const IMAGES = 1000

/** One trained run in numbers; rates in [0, 1]. */
export interface RunNumbers {
  /** What its row is called. */
  label: string
  rho: number
  seed: number
  testErrorRate: number
  /** The best of the evaluations after each epoch, all on the whole test set. */
  bestTestErrorRate: number
  /** On the labels trained on. */
  trainErrorRate: number
  /** Absent without label noise. */
  memorised?: number
  lossAt0: number
  lossAtHalf: number
  lossAt1: number
  /** Of the stretch on which the loss stays below that of guessing; at most 4. */
  width: number
  /** Of the Hessian; only where it was asked for, NaN where it did not settle. */
  topEigenvalue?: number
  gradients: number
  seconds: number
  diverged: boolean
}

export interface SeedJob {
  preset: RunConfig
  seed: number
  /** With labels of their own. */
  entries: readonly Required<RunEntry>[]
  load(config: RunConfig): Promise<Dataset>
  note(line: string): void
  /** Also λ₁. */
  curvature?: boolean
}

const base = ({ preset, seed }: SeedJob): RunConfig => ({
  ...preset,
  run_seed: seed,
  // The best epoch is only comparable when every epoch sees the whole test set.
  evaluate_every: 1,
  num_eval_examples: null,
  num_final_eval_examples: null,
  also_eval_on_training_set: false,
  perturbed_loss_every: 0,
})

/** Trains these runs on one seed's data. */
export const runSeed = (job: SeedJob): Promise<RunNumbers[]> =>
  trained(job, base(job), (run) => measure(run, job))

/** The same on the validation images, looked at once, at the end. @returns each run's error */
export function validateSeed(job: SeedJob): Promise<number[]> {
  const config = { ...base(job), use_test_set: false, evaluate_every: 10000 }
  return trained(job, config, async (run) => run.evaluations.at(-1)!.testErrorRate)
}

async function trained<T>(
  { entries, load, note }: SeedJob,
  config: RunConfig,
  take: (run: SessionRun) => Promise<T>,
): Promise<T[]> {
  const dataset = await load(config)
  const events = { onHint: (_: unknown, __: unknown, text: string) => note(text) }
  const results: T[] = []
  for (let first = 0; first < entries.length; first += MOST_RUNS) {
    const runs = runsText(entries.slice(first, first + MOST_RUNS))
    const session = new Session({ config: { ...config, runs }, dataset, events, openPool })
    try {
      await session.train()
      for (const run of session.runs) results.push(await take(run))
    } finally {
      session.dispose()
    }
  }
  return results
}

async function measure(run: SessionRun, { seed, curvature }: SeedJob): Promise<RunNumbers> {
  const last = run.evaluations.at(-1)!
  const count = Math.min(IMAGES, run.dataset.train.count)
  const indices = Uint32Array.from({ length: count }, (_, i) => i)
  const around = await aroundMinimum(run, indices)
  return {
    label: run.label,
    rho: run.config.sam_rho,
    seed,
    testErrorRate: last.testErrorRate,
    bestTestErrorRate: Math.min(...run.evaluations.map(({ testErrorRate }) => testErrorRate)),
    trainErrorRate: last.trainErrorRate!,
    memorised: last.memorised,
    ...around,
    ...(curvature && { topEigenvalue: await topEigenvalue(run, indices) }),
    gradients: run.gradientEvaluations,
    seconds: run.seconds,
    diverged: !run.live,
  }
}

/** L(0), L(±.5), L(±1) and the width: means over filter-normalised directions, L over both signs too. */
async function aroundMinimum(run: SessionRun, indices: Uint32Array) {
  const { network, config, dataset } = run
  const probe = await LossProbe.open(network, config, dataset, indices)
  const found = { lossAt0: 0, lossAtHalf: 0, lossAt1: 0, width: 0 }
  try {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const settings = { ...DEFAULT_MEASURE_SETTINGS, range: 2, points_1d: 17, direction_seed: direction }
      const targets = [{ key: run.key, config, network, dataset, probe, ...run.evaluated }]
      const { findings } = await sliceLine({ targets, settings, onProgress: () => {} })
      const { a, loss, width = Number.NaN } = findings[0].values
      const at = (place: number) => loss[a.findIndex((value) => Math.abs(value - place) < 1e-9)]
      found.lossAt0 += at(0) / DIRECTIONS
      found.lossAtHalf += (at(-0.5) + at(0.5)) / (2 * DIRECTIONS)
      found.lossAt1 += (at(-1) + at(1)) / (2 * DIRECTIONS)
      found.width += width / DIRECTIONS
    }
  } finally {
    probe.dispose()
  }
  return found
}
