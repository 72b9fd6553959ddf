import { expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../config/schema'
import { initBatchStats, initTheta } from '../models/init'
import { mlp } from '../models/mlp'
import { MemoryRunFiles } from './memoryFiles.testing'
import { isRunFile } from './runFileNames'
import { isWaypointFile, keptWay, saveWaypoint, unpackedFiles } from './waypoints'

const network = mlp([2, 2, 1], 3, [4])
const batchStats = initBatchStats(network)
const pointAt = (step: number) => ({ step, theta: initTheta(network, step), batchStats })

it('a way that is kept is read back to the bit, from its folder and from the run’s file', async () => {
  const files = new MemoryRunFiles()
  const contents = { network, config: DEFAULT_CONFIG, device: 'cpu' }
  for (const step of [0, 10, 5]) await saveWaypoint(files, 'run/', { ...contents, waypoint: pointAt(step) })
  const names = [...files.files.keys()].map((key) => key.slice('run/'.length))
  expect(names.every((name) => isRunFile(name) && isWaypointFile(name))).toBe(true)
  expect(isWaypointFile('checkpoints/checkpoint_3.safetensors')).toBe(false)

  const about = { network, stepsPerEpoch: 4 }
  const unpacked = new Map([...files.files].map(([key, bytes]) => [key.slice('run/'.length), bytes]))
  for (const way of [
    await keptWay(files, 'run/', about),
    await keptWay(unpackedFiles(unpacked, 'run.zip'), '', about),
  ]) {
    expect(way.steps).toEqual([0, 5, 10])
    expect(await way.at(5)).toEqual({ theta: pointAt(5).theta, batchStats })
  }
  const another = await keptWay(files, 'run/', { ...about, network: mlp([2, 2, 1], 3, [5]) })
  await expect(another.at(5)).rejects.toThrow('step_5.safetensors')
})
