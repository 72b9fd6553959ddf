import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { DEFAULT_MEASURE_SETTINGS } from '../measures/info'
import type { MeasuredRun, MeasureProgress } from '../measures/measure'
import type { PointStore } from '../measures/pointStore'
import { type SurfaceValues, surface } from '../measures/surface'
import { windowOf } from './window'

const dataset = syntheticDataset({ size: 8, noise: 0.3 })
const config: RunConfig = { ...DEFAULT_CONFIG, model_name: 'mlp', mlp_layers: '6', batch_size: 16, runs: '' }
const settings = { ...DEFAULT_MEASURE_SETTINGS, points_2d: 5, num_images: 20 }

let session: Session
beforeAll(async () => {
  await tf.setBackend('cpu')
  session = new Session({ config, dataset })
})
afterAll(() => session.dispose())

/** As files that grow. */
class Kept implements PointStore {
  readonly files = new Map<string, Uint8Array>()
  constructor(readonly device = 'cpu') {}
  read = async (_: string, plane: string) => this.files.get(plane)
  append(_: string, plane: string, bytes: Uint8Array) {
    this.files.set(plane, Uint8Array.from([...(this.files.get(plane) ?? []), ...bytes]))
  }
  put(_: string, plane: string, bytes: Uint8Array) {
    this.files.set(plane, bytes)
  }
}

async function measured(points: PointStore, changes: Partial<typeof settings> = {}, cancelAt?: number) {
  const abort = new AbortController()
  let computed = 0
  const runs = session.runs.map(({ key, network, evaluated }): MeasuredRun => {
    const forward: typeof network.forward = (...given) => {
      computed++
      if (computed === cancelAt) abort.abort()
      return network.forward(...given)
    }
    return { key, config, network: { ...network, forward }, dataset, ...evaluated }
  })
  const news: MeasureProgress<SurfaceValues>[] = []
  const wanted = { ...settings, ...changes }
  const onProgress = (progress: MeasureProgress<SurfaceValues>) => news.push(progress)
  const { findings } = await surface.compute({
    runs,
    settings: wanted,
    onProgress,
    signal: abort.signal,
    points,
  })
  return { values: findings[0].values, computed, last: news.at(-1)! }
}

describe('the memory of a plane', () => {
  it('measures nothing twice: neither the same grid nor what a finer one shares with it, to the bit', async () => {
    const kept = new Kept()
    const first = await measured(kept)
    expect(first.computed).toBe(25)
    expect([...kept.files.values()].map(({ length }) => length)).toEqual([25 * 16])
    const again = await measured(kept)
    expect(again.computed).toBe(0)
    expect(again.values).toEqual(first.values)
    expect(again.last).toMatchObject({ done: 25, total: 25, finished: true })
    const finer = await measured(kept, { points_2d: 9 })
    expect(finer.computed).toBe(81 - 25)
    expect(finer.values).toEqual((await measured(new Kept(), { points_2d: 9 })).values)
  })

  it('goes on after a cancelled grid, and after a write that was cut short', async () => {
    const kept = new Kept()
    const cancelled = await measured(kept, {}, 10)
    expect(cancelled.computed).toBe(10)
    const [name, bytes] = [...kept.files][0]
    kept.files.set(name, bytes.slice(0, -5))
    const rest = await measured(kept)
    expect(rest.computed).toBe(25 - 9)
    expect(rest.values.loss).toEqual((await measured(new Kept())).values.loss)
    expect(kept.files.get(name)!.length).toBe(25 * 16)
  })

  it('is of these weights, directions, images and device alone', async () => {
    const kept = new Kept()
    await measured(kept)
    expect((await measured(kept, { direction_seed: 1 })).computed).toBe(25)
    expect((await measured(kept, { num_images: 19 })).computed).toBe(25)
    const other = new Kept('gpu')
    for (const [name, bytes] of kept.files) other.files.set(name, bytes)
    expect((await measured(other)).computed).toBe(25)
  })
})

describe('a window', () => {
  it('is a part of the plane', async () => {
    const { values } = await measured(new Kept(), { window: '-0.5, 0.5,0,1', points_2d: 3 })
    expect([...values.x]).toEqual([-0.5, 0, 0.5])
    expect([...values.y]).toEqual([0, 0.5, 1])
    const whole = await measured(new Kept(), { points_2d: 5 })
    expect(values.loss[0]).toBe(whole.values.loss[2 * 5 + 1])
  })

  it('is four numbers, or nothing', () => {
    expect(windowOf(' ')).toBeUndefined()
    expect(windowOf('-1,1,0,2')).toEqual([
      [-1, 1],
      [0, 2],
    ])
    for (const wrong of ['1,-1,0,2', '0,1', 'a,b,c,d', '0,1,,1', '0,1,0,1,2'])
      expect(() => windowOf(wrong), wrong).toThrow('window: x from, x to, y from, y to')
  })
})
