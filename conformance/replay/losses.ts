/**
 * Kind `losses`: cross-entropy, error and top-k error on given logits.
 * Fields: `results` keyed `ls=<smoothing>,<nomask|mask|zeromask|a tensor>,<label tensor>` with `ce`, `err`, `top<k>`.
 */
import {
  crossEntropyPerExample,
  errorPerExample,
  maskedMean,
  smoothLabels,
  topKErrorPerExample,
} from '../../src/engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../src/engine/tf'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, type GoldenTensor, isFields, type Tensors } from './golden'

/** Relative to the loss, which is a few units: some float32 roundings. */
const TOLERANCE = 2e-6

export function isLosses({ json, tensors }: Golden): boolean {
  if (!isFields(json) || !isFields(json.results) || !tensors.has('logits')) return false
  return Object.values(json.results).some((result) => isFields(result) && 'ce' in result)
}

export async function* runLosses({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const checks = new Checks()
  let differs = false
  for (const [key, expected] of Object.entries((json as { results: Record<string, Fields> }).results)) {
    const actual = await measure(key, expected, tensors)
    for (const [quantity, value] of Object.entries(expected) as [string, number | null][]) {
      const ours = actual[quantity]
      if (ours === undefined) throw new Unsupported(`quantity ${quantity}`)
      differs ||= quantity.startsWith('top')
      const tolerance = TOLERANCE * backendFactor() * Math.max(1, Math.abs(value ?? 0))
      checks.scalar(`${key}/${quantity}`, ours, value, tolerance)
    }
  }
  const note = differs ? 'Differs: top-k compared through the reference’s formula, 1 − hits' : undefined
  yield { name, checks, note }
}

async function measure(key: string, expected: Fields, tensors: Tensors): Promise<Record<string, number>> {
  const [smoothing, maskName, labelName] = parse(key)
  const logits = matrix(need(tensors, 'logits'))
  const labels = matrix(need(tensors, labelName))
  const mask = maskOf(maskName, tensors, logits.shape[0])
  const empty = mask !== undefined && (await mask.sum().data())[0] === 0
  const out: Record<string, number> = {}
  const read = async (quantity: string, scalar: tf.Tensor) => {
    out[quantity] = (await scalar.data())[0]
  }
  await read('ce', maskedMean(crossEntropyPerExample(logits, smoothLabels(labels, smoothing)), mask))
  await read('err', maskedMean(errorPerExample(logits, labels), mask))
  for (const quantity of Object.keys(expected)) {
    const [, k] = /^top(\d+)$/.exec(quantity) ?? []
    if (!k) continue
    // The reference broadcasts [N, 1] with [N]: the mask cancels out and what is left is 1 − (number of hits).
    const misses = (await topKErrorPerExample(logits, labels, Number(k)).sum().data())[0]
    out[quantity] = empty ? 0 : 1 - (logits.shape[0] - misses)
  }
  return out
}

function parse(key: string): [number, string, string] {
  const [, smoothing, mask, labels] = /^ls=([^,]+),([^,]+),([^,]+)$/.exec(key) ?? []
  if (!labels) throw new Unsupported(`result ${key}: ls=…,mask,labels expected`)
  return [Number(smoothing), mask, labels]
}

function maskOf(name: string, tensors: Tensors, count: number): tf.Tensor1D | undefined {
  if (name === 'nomask') return undefined
  if (name === 'zeromask') return tf.zeros([count])
  return tf.tensor1d(Float32Array.from(need(tensors, name).data))
}

function need(tensors: Tensors, name: string): GoldenTensor {
  const tensor = tensors.get(name)
  if (!tensor) throw new Unsupported(`tensor ${name} is missing`)
  return tensor
}

const matrix = ({ shape, data }: GoldenTensor): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(data), shape as [number, number])
