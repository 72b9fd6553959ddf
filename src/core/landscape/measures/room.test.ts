import '@tensorflow/tfjs-backend-cpu'
import { expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { createNetwork } from '../../models/registry'
import { syntheticDataset } from '../../session/synthetic.testing'
import { curvature } from './curvature'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { Measure, MeasuredRun } from './measure'
import { checkRoom, type Room } from './room'
import { spectrum } from './spectrum'
import { surface } from './surface'

const dataset = syntheticDataset({ size: 8, train: 64 })
const config: RunConfig = { ...DEFAULT_CONFIG, mlp_layers: '2000' }
const network = createNetwork(config, dataset, dataset.classNames.length)
const run = { key: 'sam', config, network, dataset } as MeasuredRun
/** Of the weights. */
const vector = 4 * network.params.size

const room = (vectors: number, changes: Partial<Room> = {}): Room => ({
  budget: vectors * vector,
  source: 'assumed',
  largestBuffer: 2 ** 30,
  backend: 'wasm',
  standing: 0,
  ...changes,
})
const asked = (measure: unknown, of: Room, changes: object = {}) =>
  checkRoom(measure as Measure, [run], { ...DEFAULT_MEASURE_SETTINGS, num_images: 64, ...changes }, of)

it('a spectrum that does not fit is refused with the steps that would', () => {
  expect(asked(spectrum, room(120))).toBeGreaterThanOrEqual(88)
  expect(() => asked(spectrum, room(60))).toThrow(
    /^spectrum: memory: at most .* of .* \(assumed for this device\).*88 vectors like the weights/,
  )
  const remedyOf = (of: Room) => {
    try {
      asked(spectrum, of)
    } catch (error) {
      return (error as { remedy: string }).remedy
    }
    return ''
  }
  const steps = Number(/spectrum_steps (\d+)/.exec(remedyOf(room(60)))?.[1])
  expect(steps).toBeGreaterThan(20)
  expect(() => asked(spectrum, room(60), { spectrum_steps: steps })).not.toThrow()
  expect(() => asked(spectrum, room(60), { spectrum_steps: steps + 1 })).toThrow(/memory/)
  // What stands there is not free.
  expect(() => asked(spectrum, room(120, { standing: 60 * vector }))).toThrow(/memory/)
  expect(() => asked(spectrum, room(120, { largestBuffer: vector - 1 }))).toThrow(/vectors of at most/)
})

it('eigenvalues are told how many products have room, and a plane needs little', () => {
  expect(() => asked(curvature, room(30))).toThrow(/curvature: memory/)
  const vectors = asked(curvature, room(100))
  expect(vectors).toBeGreaterThan(60)
  expect(vectors).toBeLessThanOrEqual(100)
  expect(() => asked(surface, room(30))).not.toThrow()
  expect(() => asked(surface, room(30), { directions: 'eigenvectors' })).toThrow(/surface: memory/)
})
