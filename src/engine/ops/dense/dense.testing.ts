/** Dense layers with their activation, forward and gradients, against double-precision loops. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { taken } from '../../gpu.testing'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'
import { type DenseActivation, denseAct } from './dense'

interface Layer {
  n: number
  i: number
  o: number
  x: Float32Array
  w: Float32Array
  b: Float32Array
  /** Weights of the outputs in the function that is differentiated. */
  v: Float32Array
}

/** y, and what ⟨act(x·w + b), v⟩ has as gradients. */
function expected({ n, i, o, x, w, b, v }: Layer, activation: DenseActivation) {
  const y = new Float64Array(n * o)
  const [dx, dw, db] = [new Float64Array(n * i), new Float64Array(i * o), new Float64Array(o)]
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < o; c++) {
      let z = b[c]
      for (let k = 0; k < i; k++) z += x[r * i + k] * w[k * o + c]
      const isOn = activation === 'none' || z > 0
      y[r * o + c] = isOn ? z : 0
      if (!isOn) continue
      const dz = v[r * o + c]
      db[c] += dz
      for (let k = 0; k < i; k++) {
        dx[r * i + k] += dz * w[k * o + c]
        dw[k * o + c] += dz * x[r * i + k]
      }
    }
  }
  return [y, dx, dw, db]
}

export function denseTests(): void {
  it('equals double-precision loops at 200 shapes, gradients too', async () => {
    const random = randomStream(77, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const most = turn % 20 === 0 ? 150 : 24
      const [n, i, o] = [1 + random.int(most), 1 + random.int(most), 1 + random.int(most)]
      const activation = turn % 2 === 0 ? 'relu' : 'none'
      const [x, w, b, v] = [n * i, i * o, o, n * o].map((size) => normals(random, size))
      const [tx, tw, tv] = [tf.tensor2d(x, [n, i]), tf.tensor2d(w, [i, o]), tf.tensor2d(v, [n, o])]
      const tb = tf.tensor1d(b)
      const f = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor) =>
        tf.sum(tf.mul(denseAct(p as tf.Tensor2D, q as tf.Tensor2D, r as tf.Tensor1D, activation), tv))
      const got = await taken([denseAct(tx, tw, tb, activation), ...tf.grads(f)([tx, tw, tb])])
      const want = expected({ n, i, o, x, w, b, v }, activation)
      got.forEach((values, k) => {
        const what = `${activation} ${n}×${i}×${o}, ${['y', 'dx', 'dw', 'db'][k]}`
        expect(relativeError(values, want[k]), what).toBeLessThan(1e-4)
      })
      tf.dispose([tx, tw, tb, tv])
    }
  })

  it('can be differentiated twice', async () => {
    const random = randomStream(78, 'init')
    const [x, v] = [tf.tensor2d(normals(random, 12), [4, 3]), tf.tensor2d(normals(random, 15), [3, 5])]
    const w = tf.tensor2d(normals(random, 15), [3, 5])
    const b = tf.tensor1d(normals(random, 5).map((value) => value + 1))
    const loss = (t: tf.Tensor) => tf.sum(tf.square(denseAct(x, t as tf.Tensor2D, b, 'relu')))
    const product = tf.grad((t) => tf.sum(tf.mul(tf.grad(loss)(t), v)))(w)
    // 2·xᵀ·(gate ⊙ (x·v)): the loss is quadratic where no gate flips.
    const direct = tf.tidy(() => {
      const gate = tf.step(tf.add(tf.matMul(x, w), b))
      return tf.mul(2, tf.matMul(x, tf.mul(gate, tf.matMul(x, v)), true, false))
    })
    const [got, want] = await taken([product, direct])
    expect(relativeError(got, want)).toBeLessThan(1e-5)
    tf.dispose([x, v, w, b])
  })
}
