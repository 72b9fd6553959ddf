/**
 * A curve of low loss from one run to another, beside the straight line: its bend (bend.ts) is trained to make the mean
 * loss along it small, by stochastic gradient descent with t drawn anew for every step,
 *     θ ← θ − η·∂L(φ(t))/∂θ,   ∂L(φ(t))/∂θ = (share of θ in φ(t))·∇L(φ(t)).
 * Evaluation mode; statistics lie on the same curve, its bend in their middle. Images and settings are those of the first.
 * Source: Garipov et al., "Loss Surfaces, Mode Connectivity, and Fast Ensembling of DNNs", NeurIPS 2018.
 */
import { randomStream } from '../../../base/random'
import { capture } from '../../../engine/capture/capture'
import { smoothLabels } from '../../../engine/ops/crossEntropy/crossEntropy'
import { flatProgram } from '../../../engine/ops/flat/flat'
import * as tf from '../../../engine/tf'
import { readInBulk } from '../../queue/bulkReader'
import { meanLoss } from '../../step/loss'
import { z } from '../../zod'
import { BENDS, shares } from '../bend'
import { evenly } from '../curvature/density'
import { coarseToFine } from '../grid'
import { statisticsFloor } from '../point'
import { checkSameNetwork } from '../sameNetwork'
import { lossPoint, nans, type SliceTarget, withProbes } from '../slice'
import { measurePoints } from '../sweep'
import type { Finding, Measure, MeasuredRun, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { Meter } from './meter'
import { GROUPS, SHARED, setting } from './settings'

const { points_1d, num_images } = SHARED
const settings = {
  points_1d,
  num_images,
  bend: setting(z.enum(BENDS).default('bezier'), {
    label: 'Curve',
    help: 'bezier: a quadratic Bézier curve; polychain: two straight pieces. Both have one bend, which is trained.',
    group: GROUPS.curve,
  }),
  bend_steps: setting(z.number().int().min(0).max(100000).default(300), {
    label: 'Steps of the bend',
    help: 'Updates of the bend, each on a batch of the images at a place on the curve drawn anew; 0: the straight line.',
    step: 100,
    group: GROUPS.curve,
  }),
  bend_rate: setting(z.number().min(1e-5).max(10).default(0.05), {
    label: 'Learning rate of the bend',
    help: 'Of its updates, with momentum 0.9, falling to 0 along a cosine.',
    step: 0.01,
    group: GROUPS.curve,
  }),
}
type Settings = SettingsIn<typeof settings>

const MOMENTUM = 0.9

export type CurveValues = {
  /** 0 to 1 */
  t: Float64Array
  loss: Float64Array
  /** [0, 1], on the labels trained on. */
  error: Float64Array
  /** On the straight line. */
  line_loss: Float64Array
  line_error: Float64Array
  /** How far the loss on each rises at most over the straight mix of the two ends' losses. */
  barrier?: number
  line_barrier?: number
  /** Of the bend from the middle of the line, beside the length of the line. */
  bend_distance?: number
}

export const curve: Measure<'curve', typeof settings, CurveValues> = {
  id: 'curve',
  title: 'curve',
  about:
    'Loss and error on a curve from one run to another that was trained to stay low, beside the straight line.',
  runs: 'pair',
  unit: 'evaluations',
  settings,
  yields: {
    t: ['t'],
    loss: ['t'],
    error: ['t'],
    line_loss: ['t'],
    line_error: ['t'],
    barrier: [],
    line_barrier: [],
    bend_distance: [],
  },
  compute({ runs: [from, to], ...job }) {
    checkSameNetwork('curve', from, to)
    return withProbes([from], job.settings.num_images, ([target]) => walk(job, target, to))
  },
}

const onCurve = flatProgram(
  { name: 'curve', vectors: ['from', 'bend', 'to'], scalars: ['a', 'b', 'c'] },
  ({ from, bend, to, a, b, c }) => from.times(a).plus(bend.times(b)).plus(to.times(c)),
)

const bendUpdate = flatProgram(
  { name: 'bendUpdate', vectors: ['bend', 'momentum', 'gradient'], scalars: ['rate', 'share'] },
  ({ bend, momentum, gradient, rate, share }) => {
    const next = momentum.times(MOMENTUM).plus(gradient.times(share))
    return { bend: bend.minus(next.times(rate)), momentum: next }
  },
)

type Share = { a: tf.Scalar; b: tf.Scalar; c: tf.Scalar }

async function walk(
  job: Omit<MeasureJob<Settings, CurveValues>, 'runs'>,
  target: SliceTarget,
  to: MeasuredRun,
): Promise<MeasureOutcome<CurveValues>> {
  const { settings: wanted, signal } = job
  // The middle is among them.
  const t = evenly(0, 1, wanted.points_1d + 1 - (wanted.points_1d % 2))
  const values: CurveValues = {
    t,
    loss: nans(t.length),
    error: nans(t.length),
    line_loss: nans(t.length),
    line_error: nans(t.length),
  }
  const findings: Finding<CurveValues>[] = [{ runs: [target.key, to.key], values }]
  const meter = new Meter(findings, wanted.bend_steps + 2 * t.length, job.onProgress)
  const curved = new Curved(target, to)
  try {
    let done = 0
    const count = (more: number) => {
      done += more
      meter.reach(done)
    }
    await target.probe.chooseKernels(target.theta, target.batchStats)
    const straight = { loss: values.line_loss, error: values.line_error }
    const points = (on: 'line' | 'curve', into: typeof straight) =>
      coarseToFine(t.length).map((i) => {
        const part = on === 'line' ? ([1 - t[i], 0, t[i]] as const) : shares(wanted.bend, t[i])
        return lossPoint(target, () => curved.sums(part), into, i)
      })
    await measurePoints(points('line', straight), count, signal)
    await train(curved, target, wanted, count, signal)
    await measurePoints(points('curve', values), count, signal)
    const cancelled = signal?.aborted === true
    if (!cancelled) Object.assign(values, await summary(values, curved))
    meter.tell(!cancelled)
    return { findings, cancelled }
  } finally {
    curved.dispose()
  }
}

/** The two ends and the bend, which begins in the middle of the line. */
class Curved {
  bend: tf.Tensor1D
  momentum: tf.Tensor1D
  readonly #from: MeasuredRun
  readonly #to: MeasuredRun
  readonly #stats: tf.Tensor1D
  readonly #floor: tf.Tensor1D
  readonly #at

  constructor(
    readonly target: SliceTarget,
    to: MeasuredRun,
  ) {
    this.#from = target
    this.#to = to
    const middle = (a: tf.Tensor1D, b: tf.Tensor1D): tf.Tensor1D => tf.tidy(() => tf.mul(tf.add(a, b), 0.5))
    this.bend = middle(target.theta, to.theta)
    this.#stats = middle(target.batchStats, to.batchStats)
    this.momentum = tf.zerosLike(this.bend)
    this.#floor = tf.tensor1d(statisticsFloor(target.network.stats))
    this.#at = capture(({ bend, ...share }: Share & { bend: tf.Tensor1D }) => {
      const { theta, batchStats } = this.point(bend, share)
      return target.probe.sums(theta, batchStats)
    })
  }

  /** Weights and statistics of a place. Inside `tf.tidy`. */
  point(bend: tf.Tensor1D, { a, b, c }: Share): { theta: tf.Tensor1D; batchStats: tf.Tensor1D } {
    const [from, to] = [this.#from, this.#to]
    const theta: tf.Tensor1D = onCurve({ from: from.theta, bend, to: to.theta, a, b, c })
    if (from.batchStats.size === 0) return { theta, batchStats: from.batchStats }
    const stats = onCurve({ from: from.batchStats, bend: this.#stats, to: to.batchStats, a, b, c })
    return { theta, batchStats: tf.maximum(stats, this.#floor) }
  }

  /** Inside `tf.tidy`. */
  sums([a, b, c]: readonly [number, number, number]): tf.Tensor1D {
    return this.#at({ bend: this.bend, a: tf.scalar(a), b: tf.scalar(b), c: tf.scalar(c) })
  }

  /** From the middle of the line, beside its length. */
  async distance(): Promise<number> {
    const numbers = tf.tidy(() => {
      const middle = tf.mul(tf.add(this.#from.theta, this.#to.theta), 0.5)
      return tf.stack([tf.norm(tf.sub(this.bend, middle)), tf.norm(tf.sub(this.#from.theta, this.#to.theta))])
    })
    const [off, length] = await numbers.data()
    numbers.dispose()
    return off / length
  }

  dispose(): void {
    this.#at.dispose()
    tf.dispose([this.bend, this.momentum, this.#stats, this.#floor])
  }
}

async function train(
  curved: Curved,
  { network, config, probe }: SliceTarget,
  { bend, bend_steps, bend_rate }: Settings,
  count: (more: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const random = randomStream(config.run_seed, 'slices', 1)
  const step = capture((input: BendStep) => {
    const targets = smoothLabels(input.labels, config.label_smoothing)
    const share = { a: input.a, b: input.b, c: input.c }
    const { theta, batchStats } = curved.point(input.bend, share)
    const lossAt = (weights: tf.Tensor) =>
      meanLoss(
        config.loss,
        network.forward(weights as tf.Tensor1D, batchStats, input.images, false).logits,
        targets,
      )
    const { value, grad } = tf.valueAndGrad(lossAt)(theta)
    const { bend: next, momentum } = bendUpdate({
      bend: input.bend,
      momentum: input.momentum,
      gradient: grad,
      rate: input.rate,
      share: input.b,
    })
    return { bend: next, momentum, loss: tf.reshape(value, [1]) as tf.Tensor1D }
  })
  try {
    await readInBulk<undefined>({ onRows: (rows) => count(rows.length) }, async (push) => {
      for (let i = 0; i < bend_steps && !signal?.aborted; i++) {
        const { images, labels } = probe.batches[random.int(probe.batches.length)]
        const [a, b, c] = shares(bend, random.uniform()).map((share) => tf.scalar(share))
        const rate = tf.scalar((bend_rate * (1 + Math.cos((Math.PI * i) / bend_steps))) / 2)
        const before = [curved.bend, curved.momentum]
        const made = step({ bend: curved.bend, momentum: curved.momentum, images, labels, a, b, c, rate })
        curved.bend = made.bend
        curved.momentum = made.momentum
        tf.dispose([...before, a, b, c, rate])
        await push([made.loss], undefined)
      }
    })
  } finally {
    step.dispose()
  }
}

interface BendStep extends Share {
  bend: tf.Tensor1D
  momentum: tf.Tensor1D
  images: tf.Tensor4D
  labels: tf.Tensor2D
  rate: tf.Scalar
}

async function summary({ t, loss, line_loss }: CurveValues, curved: Curved) {
  const over = (values: Float64Array) => {
    const [first, last] = [values[0], values[values.length - 1]]
    return Math.max(...values.map((value, i) => value - (1 - t[i]) * first - t[i] * last))
  }
  return { barrier: over(loss), line_barrier: over(line_loss), bend_distance: await curved.distance() }
}
