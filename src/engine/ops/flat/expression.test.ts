import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf'
import { number, sharedIn, Value } from './expression'
import { flatProgram, flatPrograms } from './flat'
import { evaluate, wgslOf } from './forms'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const vector = (name: string) => new Value({ kind: 'vector', name })
const scalar = (name: string) => new Value({ kind: 'scalar', name })
const constant = new Value({ kind: 'constant' })
const [a, b] = [vector('a'), vector('b')]

describe('the text of a formula', () => {
  it('has the operations in the order in which they were written', () => {
    const sum = a.times(constant).plus(b.times(number(1).minus(constant)))
    expect(wgslOf([sum], 4)).toBe('result[i] = ((a_[i] * constant) + (b_[i] * (1.0 - constant)));')
  })

  it('computes once what is used twice, what it needs before it', () => {
    const clipped = a.times(scalar('factor'))
    const m = b.times(constant).plus(clipped)
    const moved = b.minus(clipped.plus(m.times(constant)))
    expect(sharedIn([moved, m])).toEqual([clipped, m])
    expect(wgslOf([moved, m], 1).split(/\n\s*/)).toEqual([
      'let t0 = (a_[i] * factor_0);',
      'let t1 = ((b_[i] * constant) + t0);',
      'result[i] = (b_[i] - (t0 + (t1 * constant)));',
      'result1[i] = t1;',
    ])
  })

  it('makes a quad of a float only where a function wants both alike', () => {
    expect(wgslOf([a.atLeast(1e-3).over(scalar('s').atLeast(constant))], 4)).toBe(
      'result[i] = (max(a_[i], vec4<f32>(0.001)) / max(s_0, constant));',
    )
  })
})

describe('a formula by tfjs', () => {
  const inputs = () => ({ a: tf.tensor1d([1, -4, 9]), b: tf.tensor1d([2, 0, -1]), s: tf.scalar(0.5) })
  const valuesOf = async (...results: Value[]) =>
    Promise.all(evaluate(results, inputs(), 3).map(async (tensor) => [...(await tensor.data())]))

  it('has every operation', async () => {
    const found = await valuesOf(
      a.plus(b),
      a.minus(scalar('s')),
      a.times(constant),
      b.over(scalar('s')),
      a.atLeast(b),
      a.times(a).sqrt(),
      a.sign(),
      a.abs(),
    )
    expect(found).toEqual([
      [3, -4, 8],
      [0.5, -4.5, 8.5],
      [3, -12, 27],
      [4, 0, -2],
      [2, 0, 9],
      [1, 4, 9],
      [1, -1, 1],
      [1, 4, 9],
    ])
  })

  it('gives new tensors, of an input too, and leaves nothing behind', async () => {
    const given = inputs()
    const before = tf.memory().numTensors
    const [copy, sum] = evaluate([a, a.plus(b)], given, 0)
    expect(tf.memory().numTensors).toBe(before + 2)
    given.a.dispose()
    expect([...(await copy.data())]).toEqual([1, -4, 9])
    tf.dispose([copy, sum, given.b, given.s])
  })

  it('can be differentiated twice', async () => {
    const cube = flatProgram({ name: 'cube of the test', vectors: ['x'] }, ({ x }) => x.times(x).times(x))
    const first = tf.grad((x) => tf.sum(cube({ x })))
    const second = tf.grad((x) => tf.sum(first(x)))
    expect([...(await first(tf.tensor1d([2, 3])).data())]).toEqual([12, 27])
    expect([...(await second(tf.tensor1d([2, 3])).data())]).toEqual([12, 18])
  })
})

describe('a program', () => {
  it('names its results, and its name is its own', async () => {
    const both = flatProgram({ name: 'both of the test', vectors: ['x'], scalars: ['s'] }, ({ x, s }, k) => ({
      more: x.plus(s),
      less: x.minus(k),
    }))
    const { more, less } = both({ x: tf.tensor1d([1, 2]), s: tf.scalar(0.5) }, 2)
    expect([...(await more.data()), ...(await less.data())]).toEqual([1.5, 2.5, -1, 0])
    expect(flatPrograms.get('both of the test')?.vectors).toEqual(['x'])
    expect(() => flatProgram({ name: 'both of the test', vectors: ['x'] }, ({ x }) => x)).toThrow(
      /one a name/,
    )
  })
})
