/**
 * Kind `losses`: cross-entropy, error and top-k error on given logits.
 * Tensors: logits, and the labels and masks that the results name.
 */
import { z } from '../../../src/core/zod'
import {
  crossEntropyPerExample,
  errorPerExample,
  maskedMean,
  smoothLabels,
  topKErrorPerExample,
} from '../../../src/engine/ops/crossEntropy/crossEntropy'
import * as tf from '../../../src/engine/tf'
import type { Tensors } from '../../golden'
import { backendFactor } from '../checks'
import { kind } from '../kind'
import { onDevice } from '../vectors'

/** Relative to the loss, which is a few units: some float32 roundings. */
const TOLERANCE = 2e-6

const result = z.strictObject({
  name: z.string(),
  label_smoothing: z.number(),
  labels: z.string(),
  /** A tensor, or zeros for every example; absent: none. */
  mask: z.union([z.strictObject({ tensor: z.string() }), z.literal('zeros')]).optional(),
  /** `ce`, `err`, `top<k>`; top-k by the reference's formula, 1 − hits. */
  values: z.record(z.string().regex(/^(ce|err|top\d+)$/), z.number().nullable()),
})

const fields = z.strictObject({ results: z.array(result) })

export const losses = kind('losses', fields, async ({ results }, checks, { tensors }) => {
  for (const { name, values, ...one } of results) {
    const measured = await measure(one, Object.keys(values), tensors)
    for (const [quantity, value] of Object.entries(values)) {
      if (quantity.startsWith('top')) {
        checks.note = 'Differs: top-k compared through the reference’s formula, 1 − hits'
      }
      const tolerance = TOLERANCE * backendFactor() * Math.max(1, Math.abs(value ?? 0))
      checks.scalar(`${name}/${quantity}`, measured[quantity], value, tolerance)
    }
  }
})

async function measure(
  { label_smoothing, labels: labelName, mask: maskName }: Omit<z.infer<typeof result>, 'name' | 'values'>,
  quantities: string[],
  tensors: Tensors,
): Promise<Record<string, number>> {
  const logits = onDevice<tf.Tensor2D>(tensors, 'logits')
  const labels = onDevice<tf.Tensor2D>(tensors, labelName)
  const count = logits.shape[0]
  const mask =
    maskName === 'zeros'
      ? tf.zeros<tf.Rank.R1>([count])
      : maskName && onDevice<tf.Tensor1D>(tensors, maskName.tensor)
  const empty = mask !== undefined && (await mask.sum().data())[0] === 0
  const read = async (scalar: tf.Tensor) => (await scalar.data())[0]
  const out: Record<string, number> = {
    ce: await read(maskedMean(crossEntropyPerExample(logits, smoothLabels(labels, label_smoothing)), mask)),
    err: await read(maskedMean(errorPerExample(logits, labels), mask)),
  }
  for (const quantity of quantities.filter((name) => name.startsWith('top'))) {
    // The reference broadcasts [N, 1] with [N]: the mask cancels out and what is left is 1 − (number of hits).
    const misses = await read(topKErrorPerExample(logits, labels, Number(quantity.slice(3))).sum())
    out[quantity] = empty ? 0 : 1 - (count - misses)
  }
  return out
}
