/**
 * Kind `layers_sync`: layers whose batch norm looks across replicas, each replica with its own images and cotangent;
 * also with frozen statistics (fine-tuning).
 * Fields: `cases` of {params, from_pretrained_checkpoint}; tensors `<case>/` x, y, cot, gx, new_state/ with a replica
 * axis in front, and grad_mean/, the mean over replicas of each one's parameter gradient.
 */
import type { Network } from '../../src/core/models/network'
import * as tf from '../../src/engine/tf'
import { type CaseResult, Checks } from './checks'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { moduleNetwork } from './layerCases'
import { compareLayout, compareNamed, filled, isSynchronised, ofCase, onDevice, vector } from './layers'

export function isLayersSync({ json, tensors }: Golden): boolean {
  return isFields(json) && isFields(json.cases) && isSynchronised(json, tensors)
}

export async function* runLayersSync({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const cases = (json as Fields & { cases: Record<string, Fields> }).cases
  for (const [one, fields] of Object.entries(cases)) {
    const own = ofCase(tensors, one)
    const [x, y] = [own.get('x')!.shape, own.get('y')!.shape]
    const shapes = fields.params as Record<string, number[]>
    // Batch norm alone is EfficientNet's: no other looks across replicas.
    const network = moduleNetwork(`${one} sync`, shapes, x.slice(2), y.slice(2))
    const checks = new Checks()
    await compare(checks, network, own, fields.from_pretrained_checkpoint === true)
    yield { name: `${name}/${one}`, checks }
  }
}

/** Both ways that training uses: one set of weights for the whole batch, and each replica with its own copy. */
async function compare(
  checks: Checks,
  network: Network,
  tensors: Tensors,
  frozenStatistics: boolean,
): Promise<void> {
  const [replicas, rows] = tensors.get('x')!.shape
  const whole = (name: string) => {
    const tensor = onDevice(tensors, name)
    const [height, width, channels] = tensor.shape.slice(2)
    return tf.reshape(tensor, [replicas * rows, height, width, channels]) as tf.Tensor4D
  }
  const [x, cotangent] = [whole('x'), whole('cot')]
  const theta = vector(filled(network.params))
  const stats = vector(filled(network.stats))
  const copies = tf.tile(tf.expandDims(theta, 0), [replicas, 1]) as tf.Tensor2D
  for (const weights of [theta, copies]) {
    const forward = (t: tf.Tensor, input: tf.Tensor) =>
      network.forward(t as tf.Tensor1D | tf.Tensor2D, stats, input as tf.Tensor4D, true, { frozenStatistics })
    const { logits, batchStats } = forward(weights, x)
    compareNamed(checks, 'y', await logits.data(), tensors)
    const differentiate = tf.grads((t: tf.Tensor, input: tf.Tensor) =>
      tf.sum(tf.mul(forward(t, input).logits, cotangent)),
    )
    const [byTheta, byInput] = differentiate([weights, x])
    compareNamed(checks, 'gx', await byInput.data(), tensors)
    const mean = weights.rank === 1 ? tf.div(byTheta, replicas) : tf.mean(byTheta, 0)
    compareLayout(checks, 'grad_mean/', network.params, (await mean.data()) as Float32Array, tensors)
    const newStats = (await batchStats.data()) as Float32Array
    for (let r = 0; r < replicas; r++) {
      compareLayout(checks, 'new_state/', network.stats, newStats, ofReplica(tensors, r, replicas))
    }
  }
}

/** The statistics of one replica; all are the same where batch norm looks across them. */
function ofReplica(tensors: Tensors, r: number, replicas: number): Tensors {
  return new Map(
    [...tensors]
      .filter(([key]) => key.startsWith('new_state/'))
      .map(([key, { shape, data }]) => {
        const size = data.length / replicas
        const part = Float32Array.from({ length: size }, (_, i) => data[r * size + i])
        return [key, { shape: shape.slice(1), data: part }]
      }),
  )
}
