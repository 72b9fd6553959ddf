/** Ops in tfjs' registry. */
import '@tensorflow/tfjs-backend-cpu'
import { expect, it } from 'vitest'
import * as tf from '../tf'
import { registerOps } from '.'

const NAMES = [
  tf.Conv2D,
  tf.Conv2DBackpropFilter,
  tf.Conv2DBackpropInput,
  tf.MaxPoolGrad,
  tf.BatchMatMul,
  tf.Multiply,
  tf.Sum,
  tf.Mean,
]

it('replaces each kernel once, however often it is asked to', () => {
  const kernels = () => NAMES.map((name) => tf.getKernel(name, 'cpu').kernelFunc)
  const stock = kernels()
  registerOps()
  const first = kernels()
  registerOps()
  expect(kernels()).toEqual(first)
  for (const [i, kernel] of first.entries()) expect(kernel, NAMES[i]).not.toBe(stock[i])
})
