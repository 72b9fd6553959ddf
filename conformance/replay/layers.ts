/**
 * Kind `layers`: single layers, blocks and stochastic functions: output, new statistics, and the gradients of
 * Σ y·cot by input and parameters.
 * Fields: `cases` of {params, state} (names and shapes); tensors `<case>/` x or x0 …, y, cot, gx …, grad/, new_state/.
 */
import * as tf from '../../src/engine/tf'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { fillByName } from './fillRule'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { type LayerCase, layerCaseOf } from './layerCases'
import { compareEntries } from './vectors'

/** Relative to the largest value of each tensor. Source: issue 4 §6 asks for 1e-4. */
const TOLERANCE = 1e-5

export function isLayers({ json, tensors }: Golden): boolean {
  if (!isFields(json) || !isFields(json.cases)) return false
  const names = Object.keys(json.cases)
  return names.length > 0 && names.every((name) => tensors.has(`${name}/y`)) && !isSynchronised(json, tensors)
}

/** Cases whose gradients are averaged over replicas are another kind. */
export function isSynchronised(json: Fields, tensors: Tensors): boolean {
  return Object.keys(json.cases as Fields).some((name) =>
    [...tensors.keys()].some((key) => key.startsWith(`${name}/grad_mean/`)),
  )
}

export async function* runLayers({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const cases = (json as Fields & { cases: Record<string, Fields> }).cases
  const names = new Set([...tensors.keys()].map((key) => key.slice(0, key.indexOf('/'))))
  for (const one of names) {
    const label = `${name}/${one}`
    const own = ofCase(tensors, one)
    const scope = tf.engine()
    scope.startScope()
    try {
      const layer = layerCaseOf(one, cases[one] ?? {}, own, cases)
      const checks = new Checks()
      if ('network' in layer) await compareModule(checks, layer, own)
      else await compareFunction(checks, layer, own)
      yield { name: label, checks }
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      yield { name: label, unsupported: error.message }
    } finally {
      scope.endScope()
    }
  }
}

export function ofCase(tensors: Tensors, name: string): Tensors {
  const prefix = `${name}/`
  return new Map(
    [...tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, tensor]) => [key.slice(prefix.length), tensor]),
  )
}

/** A stored tensor on the device. */
export function onDevice(tensors: Tensors, name: string): tf.Tensor {
  const stored = tensors.get(name)
  if (!stored) throw new Unsupported(`tensor ${name} is missing`)
  return tf.tensor(Float32Array.from(stored.data), [...stored.shape])
}

export const vector = (values: Float32Array): tf.Tensor1D => tf.tensor1d(values)

async function compareModule(
  checks: Checks,
  { network, train }: Extract<LayerCase, { network: unknown }>,
  tensors: Tensors,
): Promise<void> {
  const theta = vector(filled(network.params))
  const stats = vector(filled(network.stats))
  const x = onDevice(tensors, 'x') as tf.Tensor4D
  const { logits, batchStats } = network.forward(theta, stats, x, train)
  compareNamed(checks, 'y', await logits.data(), tensors)
  if (tensors.has('cot')) {
    const cotangent = onDevice(tensors, 'cot')
    const differentiate = tf.grads((t: tf.Tensor, input: tf.Tensor) => {
      const y = network.forward(t as tf.Tensor1D, stats, input as tf.Tensor4D, train).logits
      return tf.sum(tf.mul(y, cotangent))
    })
    const [byTheta, byInput] = differentiate([theta, x])
    compareNamed(checks, 'gx', await byInput.data(), tensors)
    compareLayout(checks, 'grad/', network.params, (await byTheta.data()) as Float32Array, tensors)
  }
  compareLayout(checks, 'new_state/', network.stats, (await batchStats.data()) as Float32Array, tensors)
}

async function compareFunction(
  checks: Checks,
  { inputs, run }: Extract<LayerCase, { inputs: unknown }>,
  tensors: Tensors,
): Promise<void> {
  const at = inputs.map((input) => onDevice(tensors, input) as tf.Tensor4D)
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

type Layout = Parameters<typeof compareEntries>[2]

/** Values by the fill rule, names relative to the module. */
export function filled(layout: Layout): Float32Array {
  const out = new Float32Array(layout.size)
  for (const entry of layout.entries) out.set(fillByName(entry), entry.offset)
  return out
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
  const wanted = (entry: string) => tensors.get(prefix + entry)?.data
  const whole = layout.entries.reduce((most, { name }) => Math.max(most, largest(wanted(name) ?? [])), 0)
  compareEntries(checks, prefix.slice(0, -1), layout, actual, wanted, (entry) =>
    // A gradient that is zero on paper is the rounding of its terms.
    Math.max(toleranceOf(wanted(entry)!), backendFactor() * 1e-6 * whole),
  )
  const known = layout.entries.filter(({ name }) => wanted(name)).length
  const stored = [...tensors.keys()].filter((key) => key.startsWith(prefix)).length
  checks.holds(`${prefix}: every stored tensor is one of ours`, known === stored)
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

const toleranceOf = (values: ArrayLike<number>) =>
  backendFactor() * TOLERANCE * Math.max(largest(values), 1e-3)
