import '@tensorflow/tfjs-backend-cpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../../config/schema'
import { Session } from '../../session/session'
import { syntheticDataset } from '../../session/synthetic.testing'
import { DEFAULT_MEASURE_SETTINGS } from './info'
import type { MeasuredRun } from './measure'
import { type StepValues, step } from './step'

const RHO = 0.3
const dataset = syntheticDataset({ size: 8, noise: 0.3 })
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  model_name: 'cnn_small',
  cnn_channels: '3,4',
  cnn_dense: 6,
  batch_size: 16,
  num_epochs: 2,
  label_smoothing: 0.1,
  weight_decay: 0.001,
  num_eval_examples: 8,
  runs: `sam_rho:0;sam_rho:${RHO}`,
}

let session: Session

beforeAll(async () => {
  await tf.setBackend('cpu')
  session = new Session({ config, dataset })
  await session.train({ until: 3 })
})
afterAll(() => session.dispose())

/** The measure at where both runs stand. */
async function measured(more: { plane_rho?: number; signal?: AbortSignal } = {}) {
  const { signal, ...own } = more
  const runs = session.runs.map((run): MeasuredRun => {
    const { key, config, network, evaluated } = run
    return { key, config, network, dataset, ...evaluated, training: run.training() }
  })
  const settings = { ...DEFAULT_MEASURE_SETTINGS, plane_points: 5, ...own }
  const outcome = await step.compute({ runs, settings, signal, onProgress: () => {} })
  for (const { training } of runs) tf.dispose([training!.theta, training!.batchStats])
  return outcome
}

const of = (findings: { runs: readonly string[]; values: StepValues }[], key: string) =>
  findings.find(({ runs }) => runs[0] === key)!.values

describe('one step', () => {
  it('has the numbers of the step that comes next, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors
    const { findings, cancelled } = await measured()
    expect(cancelled).toBe(false)
    expect(tf.memory().numTensors).toBe(before)
    await session.stepOnce()
    const sam = of(findings, 'sam')
    const row = session.run('sam').history.at(-1)!
    expect([sam.step, row.step]).toEqual([3, 4])
    expect(sam.loss_here).toBe(row.loss)
    expect(sam.loss_there).toBe(row.perturbedLoss)
    expect(sam.rho).toBe(RHO)
    // The gradient that is descended is g′.
    expect(Math.hypot(sam.along, sam.beside)).toBeCloseTo(row.gradientNorm, 4)
    expect(sam.learning_rate).toBe(row.learningRate)
    const sgd = of(findings, 'sgd')
    const other = session.run('sgd').history.at(-1)!
    expect(sgd.loss_here).toBe(other.loss)
    expect(sgd.gradient_norm).toBeCloseTo(other.gradientNorm, 4)
  })

  it('has on its plane the losses of both points, and the slopes that the gradients say', async () => {
    const { findings } = await measured({ plane_rho: 0.02 })
    for (const { values } of findings) {
      const { x, y, loss, loss_here, gradient_norm, rho, along } = values
      const at = (i: number, j: number) => loss[i * 5 + j]
      expect(at(2, 2)).toBeCloseTo(loss_here, 5)
      expect(Math.max(...x)).toBeGreaterThan(rho)
      // Central differences over a plane this small; weight decay is in the gradient and not in the loss.
      const slope = (at(2, 3) - at(2, 1)) / (x[3] - x[1])
      expect(slope / gradient_norm).toBeCloseTo(1, 1)
      const across = (at(3, 2) - at(1, 2)) / (y[3] - y[1])
      expect(Math.abs(across)).toBeLessThan(0.1 * gradient_norm)
      expect(along / gradient_norm).toBeCloseTo(1, 0)
    }
  })

  it('keeps what it has when it is told to stop', async () => {
    const { findings, cancelled } = await measured({ signal: AbortSignal.abort() })
    expect(cancelled).toBe(true)
    expect(of(findings, 'sam').gradient_norm).toBeGreaterThan(0)
    expect([...of(findings, 'sam').loss].every(Number.isNaN)).toBe(true)
  })
})
