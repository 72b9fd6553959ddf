import '@tensorflow/tfjs-backend-cpu'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import * as tf from '../../engine/tf'
import { BulkReader, MAX_ROWS, SLOW_MS, TARGET_MS } from './bulkReader'

beforeAll(() => tf.setBackend('cpu'))

describe('bulk reads', () => {
  it('hands out every row once, in order, with its own values', async () => {
    const before = tf.memory().numTensors
    const got: { tag: number; values: number[] }[] = []
    let chunks = 0
    const reader = new BulkReader<number>({
      onRows(rows) {
        chunks++
        got.push(...rows.map(({ tag, values }) => ({ tag, values: [...values] })))
      },
    })
    for (let i = 0; i < 23; i++) {
      reader.push([tf.tensor1d([i, i + 0.5]), tf.tensor1d([-i])], i)
      await reader.readWhenFull()
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

describe('how far the device is behind', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A device that takes `msOf(row)` for a row, one after the other; producing costs nothing. @returns per row, how many were queued with it and how long they take */
  async function produced(rows: number, msOf: (row: number) => number) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    const behind: { rows: number; ms: number }[] = []
    let freeAt = 0
    let queued: { row: number; doneAt: number }[] = []
    const reader = new BulkReader<number>({
      onRows() {},
      async read(tensor) {
        const doneAt = freeAt
        const values = new Float32Array(await tensor.data())
        await new Promise((resolve) => setTimeout(resolve, doneAt - performance.now()))
        return values
      },
    })
    const run = (async () => {
      for (let row = 0; row < rows; row++) {
        freeAt = Math.max(freeAt, performance.now()) + msOf(row)
        queued = [...queued.filter(({ doneAt }) => doneAt > performance.now()), { row, doneAt: freeAt }]
        behind.push({ rows: queued.length, ms: freeAt - performance.now() })
        reader.push([tf.tensor1d([row])], row)
        await reader.readWhenFull()
      }
      await reader.drain()
      return true
    })()
    let isDone = false
    run.then((done) => {
      isDone = done
    })
    while (!isDone) await vi.advanceTimersByTimeAsync(1)
    return behind
  }

  it.each([0.5, 3, 14, 25, 59, 99])('is at most two chunks of rows of %s ms', async (ms) => {
    const behind = await produced(60, () => ms)
    const most = Math.max(...behind.map(({ rows }) => rows))
    // Something is always queued while the last chunk is read.
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(2 * MAX_ROWS)
    expect(Math.max(...behind.map((row) => row.ms))).toBeLessThanOrEqual(Math.max(2 * TARGET_MS, 2 * ms))
  })

  it('is one row where that takes long, and again two chunks when it no longer does', async () => {
    const behind = await produced(60, (row) => (row < 30 ? 2.5 * SLOW_MS : 10))
    // The speed is known once two rows were read.
    expect(behind.slice(4, 30).every(({ rows }) => rows === 1)).toBe(true)
    expect(Math.max(...behind.slice(40).map(({ rows }) => rows))).toBeGreaterThan(MAX_ROWS)
  })

  it('never grows beyond what was queued when the device slows down', async () => {
    const behind = await produced(60, (row) => (row < 30 ? 2 : 80))
    expect(Math.max(...behind.map(({ rows }) => rows))).toBeLessThanOrEqual(2 * MAX_ROWS)
    expect(behind.slice(45).every(({ rows }) => rows <= 2)).toBe(true)
  })
})
