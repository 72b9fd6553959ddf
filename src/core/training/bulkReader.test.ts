import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../engine/tf'
import { BulkReader } from './bulkReader'

beforeAll(() => tf.setBackend('cpu'))

describe('bulk reads', () => {
  it('hands out every row once, in order, with its own values', async () => {
    const before = tf.memory().numTensors
    const got: { tag: number; values: number[] }[] = []
    let chunks = 0
    const reader = new BulkReader<number>({
      maxRows: 4,
      onRows(rows) {
        chunks++
        got.push(...rows.map(({ tag, values }) => ({ tag, values: [...values] })))
      },
    })
    for (let i = 0; i < 23; i++) {
      reader.push([tf.tensor1d([i, i + 0.5]), tf.tensor1d([-i])], i)
      await reader.breathe()
    }
    await reader.drain()
    expect(got).toEqual(Array.from({ length: 23 }, (_, i) => ({ tag: i, values: [i, i + 0.5, -i] })))
    expect(chunks).toBeLessThan(23)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('frees what was never read', () => {
    const before = tf.memory().numTensors
    const reader = new BulkReader<number>({ onRows() {} })
    reader.push([tf.tensor1d([1])], 0)
    reader.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('hands a failing listener to whoever waits', async () => {
    const reader = new BulkReader<number>({
      onRows() {
        throw new Error('told so')
      },
    })
    reader.push([tf.tensor1d([1])], 0)
    await expect(reader.drain()).rejects.toThrow('told so')
  })
})
