/**
 * Kind `layers`: single layers, blocks and stochastic functions: output, new statistics, and the gradients of
 * Σ y·cot by input and parameters. Weights by the fill rule, names relative to the module.
 * Tensors of the case: x or x0 …, y, cot, gx …, grad/, new_state/.
 */
import { z } from '../../../src/core/zod'
import * as tf from '../../../src/engine/tf'
import { type Tensors, within } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { kind } from '../kind'
import { compareEntries, filled, floats, type Layout, largest, needTensor, onDevice } from '../vectors'
import { isModule, type LayerFunction, layerFields, layerFunction, moduleNetwork } from './layerCases'

/** Relative to the largest value of each tensor. */
const TOLERANCE = 1e-5

const fields = z.strictObject({
  layer: layerFields,
  /** Of a layer with parameters. */
  train: z.boolean().optional(),
})

export const layers = kind('layers', fields, async ({ layer, train = false }, checks, { tensors }) => {
  if (!isModule(layer)) return compareFunction(checks, layerFunction(layer, tensors), tensors)
  const network = moduleNetwork(layer.type, layer, needTensor(tensors, 'x').shape.slice(1))
  const theta = tf.tensor1d(filled(network.params))
  const stats = tf.tensor1d(filled(network.stats))
  const forward = (t: tf.Tensor, x: tf.Tensor) =>
    network.forward(t as tf.Tensor1D, stats, x as tf.Tensor4D, train)
  const x = onDevice(tensors, 'x')
  const { logits, batchStats } = forward(theta, x)
  compareNamed(checks, 'y', await logits.data(), tensors)
  if (tensors.has('cot')) {
    const cotangent = onDevice(tensors, 'cot')
    const differentiate = tf.grads((t: tf.Tensor, input: tf.Tensor) =>
      tf.sum(tf.mul(forward(t, input).logits, cotangent)),
    )
    const [byTheta, byInput] = differentiate([theta, x])
    compareNamed(checks, 'gx', await byInput.data(), tensors)
    compareLayout(checks, 'grad/', network.params, await floats(byTheta), tensors)
  }
  compareLayout(checks, 'new_state/', network.stats, await floats(batchStats), tensors)
})

async function compareFunction(
  checks: Checks,
  { inputs, run }: LayerFunction,
  tensors: Tensors,
): Promise<void> {
  const at = inputs.map((input) => onDevice<tf.Tensor4D>(tensors, input))
  compareNamed(checks, 'y', await run(...at).data(), tensors)
  if (!tensors.has('cot')) return
  const cotangent = onDevice(tensors, 'cot')
  const differentiate = tf.grads((...xs: tf.Tensor[]) =>
    tf.sum(tf.mul(run(...(xs as tf.Tensor4D[])), cotangent)),
  )
  const gradients = differentiate(at)
  for (const [i, input] of inputs.entries()) {
    compareNamed(checks, `g${input}`, await gradients[i].data(), tensors)
  }
}

export function compareNamed(
  checks: Checks,
  name: string,
  actual: ArrayLike<number>,
  tensors: Tensors,
): void {
  const wanted = tensors.get(name)
  if (wanted) checks.compare(name, actual, wanted.data, toleranceOf(wanted.data))
}

export function compareLayout(
  checks: Checks,
  prefix: string,
  layout: Layout,
  actual: Float32Array,
  tensors: Tensors,
): void {
  const stored = within(tensors, prefix)
  const wanted = (entry: string) => stored.get(entry)?.data
  const whole = layout.entries.reduce((most, { name }) => largest(wanted(name) ?? [], most), 0)
  const compared = compareEntries(checks, prefix.slice(0, -1), layout, actual, wanted, (entry) =>
    // A gradient that is zero on paper is the rounding of its terms.
    Math.max(toleranceOf(wanted(entry)!), backendFactor() * 1e-6 * whole),
  )
  checks.holds(`${prefix}: every stored tensor is one of ours`, compared === stored.size)
}

const toleranceOf = (values: ArrayLike<number>) => backendFactor() * TOLERANCE * largest(values, 1e-3)
