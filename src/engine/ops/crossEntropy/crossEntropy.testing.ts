/** The loss, its gradient and the errors, against double-precision loops. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'
import { fusedErrors, fusedEvaluationSums, fusedMeanCrossEntropy } from './crossEntropy'

export function crossEntropyTests(): void {
  it('cross-entropy, its gradient and the errors', async () => {
    const random = randomStream(54, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const [rows, classes] = [1 + random.int(70), 1 + random.int(20)]
      const z = normals(random, rows * classes).map((v) => 3 * v)
      const y = normals(random, rows * classes).map(Math.abs)
      const [logits, targets] = [tf.tensor2d(z, [rows, classes]), tf.tensor2d(y, [rows, classes])]
      const { value, grad } = tf.valueAndGrad((t: tf.Tensor) =>
        tf.mul(fusedMeanCrossEntropy(t as tf.Tensor2D, targets)!, 2),
      )(logits)
      const [loss, gradient, wrong] = await taken([value, grad, fusedErrors(logits, targets)!])
      let expected = 0
      const dz = new Float64Array(z.length)
      const errors: number[] = []
      for (let r = 0; r < rows; r++) {
        const row = [...z.slice(r * classes, (r + 1) * classes)]
        const target = [...y.slice(r * classes, (r + 1) * classes)]
        const logSum = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0))
        const mass = target.reduce((a, b) => a + b, 0)
        row.forEach((v, c) => {
          expected += (2 * target[c] * (logSum - v)) / rows
          dz[r * classes + c] = (2 * (Math.exp(v - logSum) * mass - target[c])) / rows
        })
        errors.push(row.indexOf(Math.max(...row)) === target.indexOf(Math.max(...target)) ? 0 : 1)
      }
      // One class: the loss is 0 up to rounding.
      expect(Math.abs(loss[0] - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)))
      if (classes > 1) expect(relativeError(gradient, dz)).toBeLessThan(1e-5)
      expect([...wrong]).toEqual(errors)
      tf.dispose([logits, targets])
    }
  })

  it('sums of loss and errors over an evaluation, with and without a mask', async () => {
    const random = randomStream(55, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const [rows, classes] = [1 + random.int(turn % 20 === 0 ? 700 : 60), 2 + random.int(20)]
      const smoothing = turn % 3 === 0 ? 0.1 : 0
      const z = normals(random, rows * classes).map((v) => 3 * v)
      const y = normals(random, rows * classes).map(Math.abs)
      const m = turn % 2 === 0 ? normals(random, rows).map((v) => (v > 0 ? 1 : 0)) : undefined
      const [logits, labels] = [tf.tensor2d(z, [rows, classes]), tf.tensor2d(y, [rows, classes])]
      const mask = m && tf.tensor1d(m)
      const [sums] = await taken([fusedEvaluationSums(logits, labels, smoothing, mask)!])
      const expected = [0, 0]
      for (let r = 0; r < rows; r++) {
        if (m && m[r] === 0) continue
        const row = [...z.slice(r * classes, (r + 1) * classes)]
        const label = [...y.slice(r * classes, (r + 1) * classes)]
        const logSum = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0))
        row.forEach((v, c) => {
          expected[0] += ((1 - smoothing) * label[c] + smoothing / classes) * (logSum - v)
        })
        if (row.indexOf(Math.max(...row)) !== label.indexOf(Math.max(...label))) expected[1]++
      }
      expect(Math.abs(sums[0] - expected[0])).toBeLessThanOrEqual(1e-5 * Math.abs(expected[0]))
      expect(sums[1]).toBe(expected[1])
      tf.dispose([logits, labels, ...(mask ? [mask] : [])])
    }
  })
}
