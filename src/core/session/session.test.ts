import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import type { EvalMetrics, RunKey, StepMetrics } from '../runs/metrics'
import { Session } from './session'
import type { SessionEvents } from './sessionTypes'
import { syntheticDataset } from './synthetic.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

const config = (changes: Partial<RunConfig> = {}): RunConfig => ({
  ...DEFAULT_CONFIG,
  mlp_layers: '12',
  batch_size: 16,
  num_epochs: 3,
  learning_rate: 0.05,
  label_noise: 0,
  num_train_examples: null,
  num_eval_examples: 24,
  perturbed_loss_every: 3,
  ...changes,
})

function recorder() {
  const rows: Record<RunKey, StepMetrics[]> = { sgd: [], sam: [] }
  const evaluations: { run: RunKey; metrics: EvalMetrics; final: boolean }[] = []
  const diverged: { run: RunKey; step: number; message: string }[] = []
  const hints: string[] = []
  const events: SessionEvents = {
    onMetrics: (run, more) => rows[run].push(...more),
    onEvaluation: (run, metrics, final) => evaluations.push({ run, metrics, final }),
    onDiverged: (run, step, error) =>
      diverged.push({ run, step, message: `${error.message} ${error.remedy}` }),
    onHint: (run, key) => hints.push(`${run} ${key}`),
  }
  return { rows, evaluations, diverged, hints, events }
}

describe('a session', () => {
  it('trains the pair to the end, evaluates both, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors
    const { rows, evaluations, events, hints } = recorder()
    const session = new Session({ config: config(), dataset: syntheticDataset(), events })
    expect(await session.train()).toBe('finished')

    expect(session.totalSteps).toBe(12)
    for (const id of ['sgd', 'sam'] as const) {
      expect(rows[id].map((row) => row.step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
      expect(rows[id].at(-1)!.loss).toBeLessThan(rows[id][0].loss)
      expect(rows[id].at(-1)!.gradientEvaluations).toBe(id === 'sam' ? 24 : 12)
    }
    // Same weights, same batch: the first clean loss is the same number; the cost is not.
    expect(rows.sgd[0].loss).toBe(rows.sam[0].loss)
    expect(rows.sam.at(-1)!.seconds).toBeCloseTo(2 * rows.sgd.at(-1)!.seconds, 6)
    // SGD's gap is measured at steps 0, 3, 6, 9; SAM's always.
    expect(rows.sgd.filter((row) => !Number.isNaN(row.perturbedLoss)).map((row) => row.step)).toEqual([
      1, 4, 7, 10,
    ])
    expect(rows.sam.every((row) => row.perturbedLoss >= row.loss)).toBe(true)

    expect(evaluations.map(({ run, metrics, final }) => `${run} ${metrics.step} ${final}`)).toEqual([
      'sgd 4 false',
      'sam 4 false',
      'sgd 8 false',
      'sam 8 false',
      'sgd 12 true',
      'sam 12 true',
    ])
    expect(evaluations[0].metrics).toMatchObject({ testCount: 24, testIsWhole: false, epoch: 1 })
    expect(evaluations[4].metrics).toMatchObject({ testCount: 40, testIsWhole: true })
    expect(evaluations[4].metrics.testErrorRate).toBeLessThan(0.2)
    expect(evaluations[4].metrics.trainErrorRate).toBeLessThan(0.2)
    expect(hints).toEqual([])
    session.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('looks at no more images than asked for at its end, right and wrong labels in their share', async () => {
    const { evaluations, events } = recorder()
    const changes = { runs: '', num_epochs: 1, num_final_eval_examples: 16 }
    const dataset = syntheticDataset({ noise: 0.25 })
    const session = new Session({ config: config(changes), dataset, events })
    await session.train()
    session.dispose()
    expect(evaluations).toHaveLength(1)
    const { metrics } = evaluations[0]
    expect(metrics).toMatchObject({ testCount: 16, testIsWhole: false })
    // 16 training images, 4 of them with wrong labels.
    expect((metrics.trainErrorRate! * 16) % 1).toBeCloseTo(0, 6)
    expect((metrics.memorised! * 4) % 1).toBeCloseTo(0, 6)
  })

  it('is the same run with and without the other beside it, and whatever the pauses', async () => {
    const dataset = syntheticDataset()
    const pair = new Session({ config: config(), dataset })
    const training = pair.train()
    await pair.pause()
    expect(await training).toBe('paused')
    expect(pair.step).toBeLessThan(12)
    await pair.stepOnce()
    await pair.train()
    const alone = new Session({ config: config({ runs: '' }), dataset })
    await alone.train()
    expect((await alone.snapshot('sam')).theta).toEqual((await pair.snapshot('sam')).theta)
    pair.dispose()
    alone.dispose()
  })

  it.each([
    { name: 'SGD', changes: {} },
    { name: 'RMSProp with an average', changes: { use_rmsprop: true, ema_decay: 0.9, learning_rate: 0.005 } },
  ])('continues bit for bit from a snapshot: $name', async ({ changes }) => {
    const dataset = syntheticDataset()
    const whole = new Session({ config: config(changes), dataset })
    await whole.train()
    const first = new Session({ config: config(changes), dataset })
    for (let i = 0; i < 5; i++) await first.stepOnce()
    const resume = { sgd: await first.snapshot('sgd'), sam: await first.snapshot('sam') }
    first.dispose()
    const { evaluations, events } = recorder()
    const second = new Session({ config: config(changes), dataset, resume, events })
    expect(second.step).toBe(5)
    await second.train()
    for (const id of ['sgd', 'sam'] as const) {
      const { seconds: _a, ...expected } = await whole.snapshot(id)
      const { seconds: _b, ...got } = await second.snapshot(id)
      expect(got).toEqual(expected)
    }
    expect(evaluations.map(({ metrics }) => metrics.step)).toEqual([8, 8, 12, 12])
    whole.dispose()
    second.dispose()
  })

  it('lets a run that starts later catch up, alone, on its own batches', async () => {
    const dataset = syntheticDataset()
    const whole = new Session({ config: config(), dataset })
    await whole.train()
    const sam = await whole.snapshot('sam')
    const { rows, events } = recorder()
    const session = new Session({ config: config(), dataset, resume: { sam }, events })
    expect(await session.train()).toBe('finished')
    expect(rows.sam).toEqual([])
    expect((await session.snapshot('sgd')).theta).toEqual((await whole.snapshot('sgd')).theta)
    expect((await session.snapshot('sam')).theta).toEqual(sam.theta)
    whole.dispose()
    session.dispose()
  })

  it('counts what was memorised, and the training error as the two parts together', async () => {
    const dataset = syntheticDataset({ noise: 0.5 })
    const { evaluations, events } = recorder()
    const session = new Session({ config: config({ runs: '', num_epochs: 1 }), dataset, events })
    await session.train()
    const { memorised, trainErrorRate } = evaluations.at(-1)!.metrics
    // By hand: predictions of the network on all training images.
    const { theta, batchStats } = session.run('sam').evaluated
    const images = tf.tensor4d(
      Float32Array.from(dataset.train.images, (pixel) => (pixel / 255 - 0.5) / 0.25),
      [64, 6, 6, 1],
    )
    const logits = session.runs[0].network.forward(theta, batchStats, images, false).logits
    const predicted = await tf.argMax(logits, 1).data()
    const hits = [...predicted].map((label, i) => (label === dataset.train.labels[i] ? 1 : 0) as number)
    const wrong = hits.filter((_, i) => dataset.train.wrong[i] === 1)
    expect(memorised).toBeCloseTo(wrong.reduce((a, b) => a + b) / wrong.length, 6)
    expect(trainErrorRate).toBeCloseTo(1 - hits.reduce((a, b) => a + b) / hits.length, 6)
    session.dispose()
  })

  it('stops a run that leaves the numbers, keeps its last proven weights, and goes on with the other', async () => {
    const { rows, diverged, evaluations, events } = recorder()
    // A radius that throws θ + ε̂ out of float32 ruins SAM and leaves SGD alone.
    const session = new Session({
      config: config({ sam_rho: 1e38 as number, gradient_clipping: 0, perturbed_loss_every: 0 }),
      dataset: syntheticDataset(),
      events,
    })
    expect(await session.train()).toBe('finished')
    expect(diverged).toHaveLength(1)
    expect(diverged[0]).toMatchObject({ run: 'sam', step: 1 })
    expect(diverged[0].message).toMatch(/step 1.*finite.*weights of step 0 are kept.*learning rate/)
    expect(rows.sam).toEqual([])
    expect(rows.sgd).toHaveLength(12)
    const kept = await session.snapshot('sam')
    expect(kept.step).toBe(0)
    expect(kept.theta.every(Number.isFinite)).toBe(true)
    expect(evaluations.at(-1)).toMatchObject({ run: 'sam', final: true, metrics: { step: 0 } })
    session.dispose()
  })

  it('goes back no further than it must when a run diverges later', async () => {
    const { diverged, rows, events } = recorder()
    const session = new Session({
      config: config({
        sam_rho: 0,
        gradient_clipping: 0,
        learning_rate: 10,
        weight_decay: 1,
        num_epochs: 40,
        use_learning_rate_schedule: false,
      }),
      dataset: syntheticDataset(),
      events,
    })
    await session.train()
    expect(diverged).toHaveLength(1)
    const { step, theta } = await session.snapshot('sgd')
    expect(theta.every(Number.isFinite)).toBe(true)
    expect(step).toBeLessThan(diverged[0].step)
    expect(diverged[0].step - step).toBeLessThanOrEqual(16)
    expect(rows.sgd.at(-1)!.step).toBe(diverged[0].step - 1)
    session.dispose()
  })

  it('takes a loss a thousand times the start’s for divergence, long before it leaves the numbers', async () => {
    const { diverged, rows, events } = recorder()
    const session = new Session({
      config: config({
        sam_rho: 0,
        gradient_clipping: 0,
        learning_rate: 10,
        weight_decay: 1,
        num_epochs: 40,
        use_learning_rate_schedule: false,
      }),
      dataset: syntheticDataset(),
      events,
    })
    await session.train()
    const start = Math.max(rows.sgd[0].loss, Math.log(4))
    expect(Math.max(...rows.sgd.map(({ loss }) => loss))).toBeLessThanOrEqual(1000 * start)
    const [{ message }] = diverged
    expect(message).toMatch(/training loss must stay below 1000 times the start’s, which was [\d.]+, got \d/)
    expect(Number(/got ([\d.e]+)/.exec(message)![1])).toBeGreaterThan(999 * start)
    session.dispose()
  })

  it('says so when a network is dead', async () => {
    const { hints, events } = recorder()
    const session = new Session({
      config: config({ sam_rho: 0, learning_rate: 0, num_epochs: 15, label_noise: 0 }),
      dataset: syntheticDataset(),
      events,
      resume: {
        sgd: {
          theta: new Float32Array(36 * 12 + 12 + 12 * 4 + 4),
          slots: { momentum: new Float32Array(36 * 12 + 12 + 12 * 4 + 4) },
          batchStats: new Float32Array(),
          step: 0,
          gradientEvaluations: 0,
          seconds: 0,
        },
      },
    })
    await session.train()
    expect(hints).toEqual(['sgd dead'])
    session.dispose()
  })

  it('answers a stop in the middle of an evaluation', async () => {
    let session: Session | undefined
    const done: string[] = []
    session = new Session({
      config: config({ num_eval_examples: null }),
      dataset: syntheticDataset({ test: 2000 }),
      events: {
        onProgress({ phase }) {
          if (phase === 'evaluation') session?.stop()
        },
        onEvaluation: () => done.push('evaluated'),
      },
    })
    expect(await session.train()).toBe('stopped')
    expect(session.step).toBe(4)
    expect(done).toEqual([])
    session.dispose()
  })

  it('refuses a batch larger than the training set', () => {
    const make = () => new Session({ config: config({ batch_size: 100 }), dataset: syntheticDataset() })
    expect(make).toThrow(/batch_size: at most .*64.*got 100/)
  })
})
