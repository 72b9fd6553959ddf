/** Element-wise and row-sum cases for both backends, and what they should give, by coordinates in double. */
import * as tf from '../../tf'

interface Random {
  int(n: number): number
  uniform(): number
}

const OPS = {
  Add: { run: tf.add, of: (a: number, b: number) => a + b },
  Sub: { run: tf.sub, of: (a: number, b: number) => a - b },
  Multiply: { run: tf.mul, of: (a: number, b: number) => a * b },
  RealDiv: { run: tf.div, of: (a: number, b: number) => a / b },
  Pow: { run: tf.pow, of: (a: number, b: number) => a ** b },
}

export interface Checked {
  name: string
  shape: number[]
  expectedShape: number[]
  got: Float32Array
  expected: Float64Array
}

/** Values in [0.5, 1.5), so that no quotient is wild. */
function filled(random: Random, shape: number[]): { values: Float32Array; tensor: tf.Tensor } {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 0.5 + random.uniform())
  return { values, tensor: tf.tensor(values, shape) }
}

/** Operands that repeat along leading, trailing, middle or no axes, on either side. */
export async function checkBinary(random: Random, count: number): Promise<Checked[]> {
  const results: Checked[] = []
  for (let i = 0; i < count; i++) {
    const full = [1 + random.int(3), 1 + random.int(4), 1 + random.int(3), [1, 3, 4, 8, 12][random.int(5)]]
    const small = [
      full,
      full.slice(1 + random.int(3)),
      [1, 1, 1, full[3]],
      full.map((n) => (random.int(2) ? 1 : n)),
      [],
    ][random.int(5)]
    const [aShape, bShape] = random.int(2) ? [full, small] : [small, full]
    const [a, b] = [filled(random, aShape), filled(random, bShape)]
    for (const [op, { run, of }] of Object.entries(OPS)) {
      const tensor = run(a.tensor, b.tensor)
      const expected = new Float64Array(tf.util.sizeFromShape(full))
      for (let at = 0; at < expected.length; at++) {
        const coordinates = tf.util.indexToLoc(at, 4, tf.util.computeStrides(full))
        expected[at] = of(a.values[place(coordinates, aShape)], b.values[place(coordinates, bShape)])
      }
      results.push({
        name: `${op} [${aShape}] [${bShape}]`,
        shape: tensor.shape,
        expectedShape: full,
        got: (await tensor.data()) as Float32Array,
        expected,
      })
      tensor.dispose()
    }
    tf.dispose([a.tensor, b.tensor])
  }
  return results
}

/** Index into a tensor of `shape` that is broadcast to the coordinates' shape. */
function place(coordinates: number[], shape: number[]): number {
  const own = coordinates.slice(coordinates.length - shape.length)
  return own.reduce((index, c, axis) => index * shape[axis] + (shape[axis] === 1 ? 0 : c), 0)
}

/** Sums and means over leading, trailing, middle and all axes. */
export async function checkReductions(random: Random, count: number): Promise<Checked[]> {
  const results: Checked[] = []
  for (let i = 0; i < count; i++) {
    const shape = [1 + random.int(5), 1 + random.int(9), 1 + random.int(9), [1, 3, 4, 8, 20][random.int(5)]]
    const axes = [[0], [0, 1], [0, 1, 2], [2, 0, 1], [1, 2], [3], [0, 1, 2, 3]][random.int(7)]
    const keepDims = random.int(2) === 1
    const { values, tensor: x } = filled(random, shape)
    const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    const expectedShape = keepDims ? kept : shape.filter((_, axis) => !axes.includes(axis))
    const sums = new Float64Array(tf.util.sizeFromShape(kept))
    for (let at = 0; at < values.length; at++) {
      sums[place(tf.util.indexToLoc(at, 4, tf.util.computeStrides(shape)), kept)] += values[at]
    }
    const means = sums.map((sum) => (sum * sums.length) / values.length)
    for (const [run, expected] of [[tf.sum, sums] as const, [tf.mean, means] as const]) {
      const tensor = run(x, axes, keepDims)
      results.push({
        name: `${run.name} [${shape}] over [${axes}]`,
        shape: tensor.shape,
        expectedShape,
        got: (await tensor.data()) as Float32Array,
        expected,
      })
      tensor.dispose()
    }
    x.dispose()
  }
  return results
}

/** Functions of one value, and the highest of rows that end with the tensor. */
export async function checkRows(random: Random, count: number): Promise<Checked[]> {
  const results: Checked[] = []
  for (let i = 0; i < count; i++) {
    const shape = [1 + random.int(7), [1, 3, 4, 10, 33][random.int(5)]]
    const { values, tensor: x } = filled(random, shape)
    const rows = Array.from({ length: shape[0] }, (_, row) =>
      values.subarray(row * shape[1], (row + 1) * shape[1]),
    )
    const max = Float64Array.from(rows, (row) => Math.max(...row))
    const log = Float64Array.from(values, Math.log)
    const tanh = Float64Array.from(values, Math.tanh)
    for (const [name, tensor, expectedShape, expected] of [
      ['max', tf.max(x, 1, true), [shape[0], 1], max] as const,
      ['log', tf.log(x), shape, log] as const,
      ['tanh', tf.tanh(x), shape, tanh] as const,
    ]) {
      const got = (await tensor.data()) as Float32Array
      results.push({
        name: `${name} [${shape}]`,
        shape: tensor.shape,
        expectedShape: [...expectedShape],
        got,
        expected,
      })
      tensor.dispose()
    }
    x.dispose()
  }
  return results
}
