/**
 * A training step whose gradient is that of more images than a batch holds: passes go over the batches one after the
 * other, and what they find is summed by their share of the images. The method asks for such passes as it asks for any,
 * so ε̂ is that of all images. Batch norm is as far as a batch: its own statistics in a pass, the running ones follow
 * every batch of the clean pass.
 */
import { capture } from '../../engine/capture/capture'
import { errorPerExample, smoothLabels } from '../../engine/ops/crossEntropy/crossEntropy'
import { flatProgram } from '../../engine/ops/flat/flat'
import * as tf from '../../engine/tf'
import type { ForwardOptions, Network } from '../models/network'
import { turnAt } from '../optim/methods'
import type { Ask, Gradient } from '../optim/methods/method'
import { run } from './inTurn'
import { lossAndGradient, lossOnly } from './objective'
import { type BatchGradient, complete } from './shares'
import { after, decayOf, held, methodMasks, ratesOf, slotsRead, type TrainStep, updated } from './step'
import type { DeviceBatch, StateTensors, StepHyper, StepNumbers, StepRates, TrainState } from './types'
import { vectorMath } from './vectorMath'

/** What the passes before have found, and one batch more. */
interface PassInput {
  theta: tf.Tensor1D
  batchStats: tf.Tensor1D
  batch: DeviceBatch
  /** Of all images. */
  share: tf.Scalar
}
type GradientInput = PassInput & { sum: Sums }
type Sums = Omit<Gradient, 'batchStats'>

interface UpdateInput {
  mean: BatchGradient
  state: StateTensors
  rates: StepRates
}

const plus = flatProgram(
  { name: 'accumulate', vectors: ['sum', 'g'], scalars: ['share'] },
  ({ sum, g, share }) => sum.plus(g.times(share)),
)
const added = (sum: tf.Scalar, value: tf.Scalar, share: tf.Scalar): tf.Scalar =>
  tf.add(sum, tf.mul(value, share))

/** As `makeTrainStep`, of several batches; replicas there are none. */
export function makeAccumulatedStep(network: Network, hyper: StepHyper): TrainStep<readonly DeviceBatch[]> {
  const decay = decayOf(network, hyper)
  const masks = methodMasks(network.params, hyper)
  const optionsOf = ({ gates }: DeviceBatch): ForwardOptions => ({
    gates,
    frozenStatistics: hyper.frozenStatistics,
  })
  const gradientPass = (trueGradient: boolean) =>
    capture(({ theta, batchStats, batch, share, sum }: GradientInput): Gradient => {
      const targets = smoothLabels(batch.labels, hyper.labelSmoothing)
      const options = { ...optionsOf(batch), trueGradient }
      const { images, labels } = batch
      const pass = lossAndGradient(network, theta, batchStats, images, targets, decay, options, hyper.loss)
      const errors: tf.Scalar = tf.mean(errorPerExample(pass.logits, labels))
      return {
        loss: added(sum.loss, pass.loss, share),
        errorRate: added(sum.errorRate, errors, share),
        gradient: plus({ sum: sum.gradient, g: pass.gradient, share }),
        batchStats: pass.batchStats,
      }
    })
  const passes = { ascent: gradientPass(true), descent: gradientPass(false) }
  const lossPass = capture(({ theta, batchStats, batch, share, sum }: PassInput & { sum: tf.Scalar }) => {
    const targets = smoothLabels(batch.labels, hyper.labelSmoothing)
    const loss = lossOnly(network, theta, batchStats, batch.images, targets, optionsOf(batch), hyper.loss)
    return added(sum, loss, share)
  })
  const finish = capture(({ mean, state, rates }: UpdateInput) => {
    const { slots, batchStats, ...found } = mean
    // What goes through as it came must be another tensor.
    const clones = Object.fromEntries(Object.entries(slots).map(([name, vector]) => [name, tf.clone(vector)]))
    return updated(hyper, { ...found, slots: clones, batchStats: tf.clone(batchStats) }, state, rates)
  })
  const captured = [passes.ascent, passes.descent, lossPass, finish]

  /** Over all batches. Inside `tf.tidy`. */
  function answer(ask: Ask, batchStats: tf.Tensor1D, batches: readonly DeviceBatch[]): Gradient | tf.Scalar {
    const count = batches.reduce((sum, { labels }) => sum + labels.shape[0], 0)
    const each = <T extends Gradient | tf.Scalar>(start: T, add: (sum: T, input: PassInput) => T): T =>
      batches.reduce((sum, batch) => {
        const share = tf.scalar(batch.labels.shape[0] / count)
        const running = sum instanceof tf.Tensor ? batchStats : sum.batchStats
        const next = add(sum, { theta: ask.at, batchStats: running, batch, share })
        // The statistics that it began with are the state's.
        tf.dispose(sum instanceof tf.Tensor ? sum : [sum.loss, sum.errorRate, sum.gradient])
        if (running !== batchStats) running.dispose()
        share.dispose()
        return next
      }, start)
    if (ask.want === 'loss') return each<tf.Scalar>(tf.scalar(0), (sum, input) => lossPass({ ...input, sum }))
    const start = {
      loss: tf.scalar(0),
      errorRate: tf.scalar(0),
      gradient: tf.zeros<tf.Rank.R1>([network.params.size]),
      batchStats,
    }
    return each<Gradient>(start, ({ batchStats: _, ...sum }, input) => passes[ask.purpose]({ ...input, sum }))
  }

  function step(before: TrainState, batches: readonly DeviceBatch[], numbers: StepNumbers) {
    const { step: done, ...state } = before
    const turn = turnAt(hyper, done, numbers.totalSteps)
    const { method, phase } = turn
    const made = tf.tidy(() => {
      const rates = ratesOf(hyper, turn, numbers)
      const slots = slotsRead(hyper, turn, state.slots)
      const own = Object.fromEntries(method.slots.map(({ name }) => [name, slots[name]]))
      const { theta } = state
      const given = { theta, scalars: rates.method, masks, settings: hyper, phase, math: vectorMath }
      const found = run(method.step({ ...given, slots: own }), (ask) =>
        answer(ask, state.batchStats, batches),
      )
      return finish({ mean: complete(found), state: { ...state, slots }, rates })
    })
    return { state: after(before, made.state), metrics: made.metrics }
  }

  function record({ theta, batchStats }: TrainState, batches: readonly DeviceBatch[]): void {
    tf.tidy(() => {
      const zero = tf.scalar(0)
      const sum = { loss: zero, errorRate: zero, gradient: theta }
      for (const batch of batches) {
        for (const pass of Object.values(passes)) pass.record({ theta, batchStats, batch, share: zero, sum })
      }
    })
  }
  return Object.assign(step, { record, ...held(() => captured, { decay, masks }) })
}
