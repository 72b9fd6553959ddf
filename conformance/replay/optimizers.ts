/**
 * Kind `optimizers`: a sequence of updates of one tensor by given gradients.
 * Tensors: w0, grads [steps, …], and per optimizer `<name>/w` (after every step), `<name>/momentum`, `<name>/v` (last).
 * An optimizer with `v` is RMSProp, one without is Nesterov SGD.
 */
import { MOMENTUM, nesterov } from '../../src/core/optim/optimizers/nesterov'
import type { OptimizerVectors } from '../../src/core/optim/optimizers/optimizer'
import { rmsprop } from '../../src/core/optim/optimizers/rmsprop'
import { eachSlot } from '../../src/core/optim/slots'
import * as tf from '../../src/engine/tf'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { NUMBER, numberOf } from './flags'
import { type Golden, type GoldenTensor, isFields, type Tensors } from './golden'
import { row } from './vectors'

/** Relative to the largest value compared: float32 roundings of a handful of updates. */
const TOLERANCE = 2e-6

export function isOptimizers({ json, tensors }: Golden): boolean {
  return isFields(json) && tensors.has('w0') && tensors.has('grads') && namesIn(tensors).length > 0
}

const namesIn = (tensors: Tensors): string[] =>
  [...tensors.keys()].filter((key) => key.endsWith('/w')).map((key) => key.slice(0, -2))

export async function* runOptimizers({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const fields = isFields(json) ? json : {}
  const sentence = String(fields.what ?? '')
  for (const optimizer of namesIn(tensors)) {
    const label = `${name}/${optimizer}`
    const own = isFields(fields[optimizer]) ? [fields[optimizer], fields] : [fields]
    const rate = numberOf(own, ['lr', 'learning_rate'], sentence, new RegExp(`\\blr ${NUMBER}`))
    const momentum = numberOf(
      own,
      ['beta', 'momentum'],
      `${sentence}, beta ${MOMENTUM}`,
      new RegExp(`\\bbeta ${NUMBER}`),
    )
    if (momentum !== MOMENTUM)
      yield { name: label, unsupported: `momentum ${momentum}; the reference has ${MOMENTUM}` }
    else yield { name: label, checks: await replayUpdates(tensors, optimizer, rate) }
  }
}

async function replayUpdates(tensors: Tensors, optimizer: string, rate: number): Promise<Checks> {
  const checks = new Checks()
  const expected = (part: string) => tensors.get(`${optimizer}/${part}`)
  const grads = tensors.get('grads')!
  const weights = expected('w')!
  const rms = expected('v') !== undefined
  const { slots, update } = rms ? rmsprop : nesterov
  const size = tensors.get('w0')!.data.length
  let vectors: OptimizerVectors = {
    theta: tf.tensor1d(Float32Array.from(tensors.get('w0')!.data)),
    ...eachSlot(slots, ({ initial }) => tf.fill([size], initial) as tf.Tensor1D),
  }
  if (weights.shape[0] !== grads.shape[0]) throw new Unsupported('w and grads differ in length')
  const compare = async (what: string, actual: tf.Tensor1D, wanted: ArrayLike<number>) => {
    checks.compare(what, await actual.data(), wanted, tolerance(wanted))
  }
  for (let step = 0; step < grads.shape[0]; step++) {
    const gradient = tf.tensor1d(row(grads, step))
    vectors = update(vectors, gradient, { rate: tf.scalar(rate), factor: tf.scalar(1) })
    await compare(`step ${step}/w`, vectors.theta, row(weights, step))
  }
  const last = (tensor: GoldenTensor) =>
    tensor.data.length === size ? tensor.data : row(tensor, tensor.shape[0] - 1)
  const finalMomentum = expected('momentum')
  const finalV = expected('v')
  if (finalMomentum) await compare('momentum', vectors.momentum, last(finalMomentum))
  if (finalV) await compare('v', vectors.meanSquare, last(finalV))
  return checks
}

function tolerance(wanted: ArrayLike<number>): number {
  const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  return TOLERANCE * backendFactor() * largest
}
