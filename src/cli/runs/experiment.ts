/**
 * A preset's pair over several seeds: error, memorising, and the loss around the minimum, as docs/presets.md has them.
 * Each seed has its own subset, noise, weights and order, shared by all of its runs.
 */
import { runsText } from '../../core/config/runList'
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import { LossProbe } from '../../core/landscape/lossProbe'
import { DEFAULT_MEASURE_SETTINGS } from '../../core/landscape/measures/info'
import { sliceLine } from '../../core/landscape/measures/line'
import { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import { openPool } from '../data/datasets'

/** Directions and images that L(±a) is the mean over. */
const DIRECTIONS = 3
const IMAGES = 1000

/** One trained run in numbers; rates in [0, 1]. */
export interface RunNumbers {
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
  seconds: number
  diverged: boolean
}

/**
 * Trains SGD and SAM with every radius on one seed's data.
 * @param rhos SAM's radii; 0 is always trained too
 */
export async function runSeed(
  preset: RunConfig,
  seed: number,
  rhos: readonly number[],
  load: (config: RunConfig) => Promise<Dataset>,
  note: (line: string) => void,
): Promise<RunNumbers[]> {
  const base: RunConfig = {
    ...preset,
    run_seed: seed,
    // The best epoch is only comparable when every epoch sees the whole test set.
    evaluate_every: 1,
    num_eval_examples: null,
    num_final_eval_examples: null,
    also_eval_on_training_set: false,
    perturbed_loss_every: 0,
  }
  const config = { ...base, runs: runsText([0, ...rhos].map((sam_rho) => ({ changes: { sam_rho } }))) }
  const events = { onHint: (_: unknown, __: unknown, text: string) => note(text) }
  const session = new Session({ config, dataset: await load(base), events, openPool })
  const numbers: RunNumbers[] = []
  try {
    await session.train()
    for (const run of session.runs) numbers.push(await measure(run, seed))
    return numbers
  } finally {
    session.dispose()
  }
}

async function measure(run: SessionRun, seed: number): Promise<RunNumbers> {
  const last = run.evaluations.at(-1)!
  const [lossAt0, lossAtHalf, lossAt1] = await aroundMinimum(run)
  return {
    rho: run.config.sam_rho,
    seed,
    testErrorRate: last.testErrorRate,
    bestTestErrorRate: Math.min(...run.evaluations.map(({ testErrorRate }) => testErrorRate)),
    trainErrorRate: last.trainErrorRate!,
    memorised: last.memorised,
    lossAt0,
    lossAtHalf,
    lossAt1,
    seconds: run.seconds,
    diverged: !run.live,
  }
}

/** L(0), L(±.5), L(±1): means over filter-normalised directions and both signs, on the first training images. */
async function aroundMinimum(run: SessionRun): Promise<[number, number, number]> {
  const { network, config, dataset } = run
  const count = Math.min(IMAGES, dataset.train.count)
  const probe = await LossProbe.open(
    network,
    config,
    dataset,
    Uint32Array.from({ length: count }, (_, i) => i),
  )
  let centre = 0
  let half = 0
  let whole = 0
  try {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const settings = { ...DEFAULT_MEASURE_SETTINGS, range: 1, points_1d: 5, direction_seed: direction }
      const targets = [{ key: run.key, network, probe, ...run.evaluated }]
      const { findings } = await sliceLine({ targets, settings, onProgress: () => {} })
      const [left1, leftHalf, middle, rightHalf, right1] = findings[0].values.loss
      centre += middle / DIRECTIONS
      half += (leftHalf + rightHalf) / (2 * DIRECTIONS)
      whole += (left1 + right1) / (2 * DIRECTIONS)
    }
  } finally {
    probe.dispose()
  }
  return [centre, half, whole]
}
