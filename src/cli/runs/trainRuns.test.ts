import '@tensorflow/tfjs-backend-cpu'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { decodeEvents } from '../../core/formats/readTfevents'
import { decodeSafetensors, encodeSafetensors } from '../../core/formats/safetensors'
import { inOrder } from '../../core/library/checkpointFiles'
import type { Session } from '../../core/session/session'
import { syntheticDataset } from '../../core/session/synthetic.testing'
import { convertWeights } from '../../core/weights/convertWeights'
import { decodeWeights } from '../../core/weights/weights'
import { initBackend } from '../../engine/backend'
import { placeRuns, type TrainOutcome, trainRuns } from './trainRuns'

const DATASET = syntheticDataset({ noise: 0.25 })
const BASE: RunConfig = {
  ...DEFAULT_CONFIG,
  runs: '',
  mlp_layers: '6',
  batch_size: 16,
  num_epochs: 4,
  num_train_examples: null,
  num_eval_examples: 24,
  use_rmsprop: true,
  ema_decay: 0.9,
  save_progress_seconds: 0,
}
const notes: string[] = []
let parent: string

beforeAll(async () => {
  await initBackend('cpu')
})
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'basin-'))
  notes.length = 0
})
afterEach(() => rmSync(parent, { recursive: true }))

/** Trains like the command; interrupted when the device has given that many steps. */
async function train(
  config: RunConfig,
  interruptAt = Number.POSITIVE_INFINITY,
  into = parent,
): Promise<TrainOutcome> {
  const controller = new AbortController()
  let session: Session | undefined
  const interrupt = () => {
    if (session && session.step >= interruptAt) controller.abort()
  }
  // The loop breathes between steps; that is when a signal handler would run.
  const timer = setInterval(interrupt, 0)
  try {
    return await trainRuns({
      config,
      runs: await placeRuns(config, into, (line) => notes.push(line)),
      dataset: () => DATASET,
      device: 'cpu',
      signal: controller.signal,
      report: {
        note: (line) => notes.push(line),
        onStart: (started) => {
          session = started
        },
        onRows: interrupt,
        onEvaluation() {},
        onProgress() {},
      },
    })
  } finally {
    clearInterval(timer)
  }
}

const folder = (rho: number, of = parent) => join(of, `lr_0.02/wd_0.0/rho_${rho || '0.0'}/seed_0`)
const checkpoints = (run: string) => readdirSync(join(run, 'checkpoints')).sort()

/** Everything a run left behind, without clock times. */
function remains(run: string) {
  const path = join(run, 'checkpoints', 'checkpoint_3.safetensors')
  const { tensors, metrics, step, config } = decodeWeights(readFileSync(path), path)
  const table = readFileSync(join(run, 'metrics.csv'), 'utf8')
    .split('\n')
    .map((line) => line.split(','))
  const seconds = table[0].indexOf('seconds')
  const scalars = readdirSync(run)
    .filter((name) => name.startsWith('events.out.tfevents.'))
    .flatMap((name) => decodeEvents(readFileSync(join(run, name))).events)
    .flatMap(({ step, scalars }) => scalars.map(({ tag, value }) => `${step} ${tag} ${value}`))
    .filter((line) => !line.includes('seconds'))
  return {
    tensors,
    metrics: { ...metrics, seconds: 0 },
    step,
    config: { ...config, output_dir: '' },
    table: table.map((row) => row.filter((_, i) => i !== seconds)),
    scalars: scalars.sort(),
  }
}

describe('a run', () => {
  it('writes a line a step, the reference’s curves once an epoch, and its two newest checkpoints', async () => {
    expect(await train({ ...BASE, ema_decay: 0, additional_checkpoints_at_epochs: [0, 2] })).toBe('finished')
    const run = folder(0.2)
    expect(checkpoints(run)).toEqual([
      'additional_ckpt_0',
      'additional_ckpt_2',
      'checkpoint_2.safetensors',
      'checkpoint_3.safetensors',
    ])
    const { table, scalars } = remains(run)
    expect(table[0].slice(0, 4)).toEqual(['run', 'step', 'loss', 'perturbedLoss'])
    expect(table.slice(1, -1).map(([name, step]) => `${name} ${step}`)).toEqual(
      Array.from({ length: 16 }, (_, i) => `sam ${i + 1}`),
    )
    const evaluated = table[0].indexOf('testErrorRate')
    expect(table.slice(1, -1).flatMap((row, i) => (row[evaluated] === '' ? [] : [i + 1]))).toEqual([
      4, 8, 12, 16,
    ])
    for (const tag of [
      'train_error_rate',
      'train_loss',
      'gradient_norm',
      'param_norm',
      'learning_rate',
      'test_error_rate',
      'test_loss',
    ]) {
      const steps = scalars
        .filter((line) => line.split(' ')[1] === tag)
        .map((line) => Number(line.split(' ')[0]))
      expect(
        steps.sort((a, b) => a - b),
        tag,
      ).toEqual([4, 8, 12, 16])
    }
    // SAM's train_loss is that of the second pass: the mean of the perturbed losses of its epoch.
    const mean = table.slice(1, 5).reduce((sum, row) => sum + Number(row[3]), 0) / 4
    const written = scalars.find((line) => line.startsWith('4 train_loss '))!
    expect(Number(written.split(' ')[2])).toBeCloseTo(mean, 6)
  })

  it.each([1, 6, 8, 15, 16])('interrupted at step %i and continued is the same bit for bit', async (step) => {
    const whole = mkdtempSync(join(tmpdir(), 'basin-'))
    try {
      expect(await train(BASE, undefined, whole)).toBe('finished')
      const outcome = await train(BASE, step)
      expect(await train(BASE)).toBe('finished')
      expect(outcome).toBe('interrupted')
      const expected = remains(folder(0.2, whole))
      expect([...expected.tensors.keys()].filter((name) => name.startsWith('ema/')).length).toBeGreaterThan(0)
      expect(remains(folder(0.2))).toEqual(expected)
    } finally {
      rmSync(whole, { recursive: true })
    }
  })

  const NORMED: RunConfig = {
    ...BASE,
    model_name: 'cnn_small',
    cnn_channels: '2',
    cnn_dense: 4,
    use_rmsprop: false,
  }

  it.each<[string, Partial<RunConfig>]>([
    ['batch norm and augmentation', { image_level_augmentations: 'basic' }],
    ['replicas that have statistics of their own', { num_replicas: 4 }],
  ])('with %s, interrupted and continued, is the same bit for bit', async (_, changes) => {
    const config = { ...NORMED, ...changes }
    await train(config)
    const expected = remains(folder(0.2))
    const names = [...expected.tensors.keys()]
    expect(names.some((name) => /^\/.*:var$/.test(name))).toBe(true)
    expect(names.filter((name) => name.startsWith('replicas/')).length).toBe(changes.num_replicas ? 2 : 0)
    rmSync(folder(0.2), { recursive: true })
    expect(await train(config, 6)).toBe('interrupted')
    await train(config)
    expect(remains(folder(0.2))).toEqual(expected)
    expect(notes).toEqual([])
  })

  it('of replicas goes on from the reference’s file as the reference does: all from the mean', async () => {
    const config = { ...NORMED, ema_decay: 0, num_replicas: 4, save_flax_checkpoints: true }
    await train(config)
    const exact = remains(folder(0.2))
    const at = join(folder(0.2), 'checkpoints')
    for (const name of checkpoints(folder(0.2))) if (name !== 'checkpoint_2') rmSync(join(at, name))
    const flax = decodeWeights(readFileSync(join(at, 'checkpoint_2')), 'c').tensors
    await train(config)
    expect(notes.join()).toMatch(/sam: the checkpoint has the mean of the replicas’ batch-norm statistics/)
    const { tensors } = remains(folder(0.2))
    // A training pass does not look at running statistics: the weights are those of the exact run.
    for (const [name, { data }] of exact.tensors) {
      if (!name.startsWith('replicas/') && !name.startsWith('/')) {
        expect(tensors.get(name)!.data, name).toEqual(data)
      }
    }
    // 0.9⁴ of what a replica had: its difference from the exact run is that of its start from the mean.
    const own = (of: typeof tensors, r: number) => {
      const { data, shape } = of.get('replicas/batch_stats')!
      return [...data.subarray(r * shape[1], (r + 1) * shape[1])].map(Number)
    }
    const mean = [...flax]
      .filter(([name]) => name.startsWith('/'))
      .flatMap(([, { data }]) => [...data].map(Number))
    for (let r = 0; r < 4; r++) {
      const [got, was] = [own(tensors, r), own(exact.tensors, r)]
      expect(got).not.toEqual(was)
      expect(got.length).toBe(mean.length)
    }
    const meanOf = (of: typeof tensors) =>
      mean.map((_, i) => [0, 1, 2, 3].reduce((sum, r) => sum + own(of, r)[i], 0))
    meanOf(tensors).forEach((value, i) => {
      expect(value).toBeCloseTo(meanOf(exact.tensors)[i], 5)
    })
  })

  it('of a pair is the run it would be alone', async () => {
    await train({ ...BASE, runs: 'sam_rho:0;' })
    const pair = remains(folder(0))
    rmSync(folder(0), { recursive: true })
    await train({ ...BASE, sam_rho: 0 })
    // Alone it has no other run whose radius its gap is measured at.
    const gap = pair.table[0].indexOf('perturbedLoss')
    const without = (table: string[][]) => table.map((row) => row.filter((_, i) => i !== gap))
    const alone = remains(folder(0))
    expect(without(alone.table)).toEqual(without(pair.table))
    expect(alone.tensors).toEqual(pair.tensors)
    expect(alone.config).toEqual(pair.config)
  })
})

describe('a folder', () => {
  it('knows that its run is finished', async () => {
    await train(BASE)
    expect((await placeRuns(BASE, parent, () => {}))[0].checkpoint).toMatchObject({
      step: 16,
      facts: { finished: true },
    })
  })

  it('refuses other settings by name, and takes other places and paces', async () => {
    mkdirSync(folder(0.2), { recursive: true })
    writeFileSync(join(folder(0.2), 'config.json'), JSON.stringify(BASE))
    await expect(placeRuns({ ...BASE, num_epochs: 5 }, parent, () => {})).rejects.toThrow(
      /seed_0 holds a run with num_epochs 4, not 5/,
    )
    await placeRuns({ ...BASE, save_progress_seconds: 9 }, parent, () => {})
    writeFileSync(join(folder(0.2), 'config.json'), '{')
    await expect(placeRuns(BASE, parent, () => {})).rejects.toThrow(/config.json: not JSON/)
  })

  it('is not made before the run can start: a command that is refused leaves nothing', async () => {
    const refused = { ...BASE, batch_size: 4000 }
    expect((await placeRuns(refused, parent, () => {}))[0].folder).toBe(folder(0.2))
    expect(readdirSync(parent)).toEqual([])
    await expect(train(refused)).rejects.toThrow(/batch_size/)
    expect(readdirSync(parent)).toEqual([])
    expect(await train(BASE)).toBe('finished')
  })

  it('that cannot be made is an error at once', async () => {
    // Where there is no /proc, a file in the way.
    writeFileSync(join(parent, 'file'), '')
    const places = [join(parent, 'file'), ...(existsSync('/proc/self') ? ['/proc/x'] : [])]
    for (const place of places) {
      await expect(placeRuns(BASE, place, () => {})).rejects.toThrow(
        place === '/proc/x'
          ? /^\/proc\/x\/lr_0.02.*: no such folder can be made there \(ENOENT/
          : /file\/lr_0.02.*: a file has the name of one of its folders \(ENOTDIR/,
      )
    }
  })

  it('with a damaged newest checkpoint goes on from the one before, and says so', async () => {
    await train(BASE)
    const expected = remains(folder(0.2))
    const path = join(folder(0.2), 'checkpoints', 'checkpoint_3.safetensors')
    const bytes = readFileSync(path)
    // One bit of the last value: still a number, in a whole file.
    bytes[bytes.length - 4] ^= 1
    writeFileSync(path, bytes)
    await train(BASE)
    expect(notes.join('\n')).toMatch(
      /checkpoint_3.safetensors: tensors: the values it was written with .*the checkpoint before it is tried/,
    )
    expect(remains(folder(0.2)).tensors).toEqual(expected.tensors)
    expect(remains(folder(0.2)).table).toEqual(expected.table)
  })

  it('with the reference’s files too keeps two of each, and goes on from them alone', async () => {
    const config = { ...BASE, save_flax_checkpoints: true, additional_checkpoints_at_epochs: [2] }
    expect(await train(config)).toBe('finished')
    const run = folder(0.2)
    const expected = remains(run)
    expect(checkpoints(run)).toEqual([
      'additional_ckpt_2',
      'checkpoint_2',
      'checkpoint_2.safetensors',
      'checkpoint_3',
      'checkpoint_3.safetensors',
    ])
    const extra = join(run, 'checkpoints/additional_ckpt_2')
    expect(readdirSync(extra).sort()).toEqual(['checkpoint_2', 'checkpoint_2.safetensors'])
    const { tensors, step, extra: facts } = decodeWeights(readFileSync(join(extra, 'checkpoint_2')), 'c')
    expect({ step, epoch: facts.epoch }).toEqual({ step: 8, epoch: '2' })
    expect([...tensors.keys()].some((name) => name.startsWith('ema/'))).toBe(false)

    // As if the reference had written it: only its files, after epoch 2.
    for (const name of checkpoints(run)) {
      if (name !== 'checkpoint_2') rmSync(join(run, 'checkpoints', name), { recursive: true })
    }
    expect((await placeRuns(config, parent, () => {}))[0].checkpoint).toMatchObject({
      step: 12,
      facts: { finished: false, gradientEvaluations: 24 },
    })
    expect(await train(config)).toBe('finished')
    expect(remains(run).tensors).toEqual(expected.tensors)
    expect(checkpoints(run)).toEqual(['checkpoint_2', 'checkpoint_3', 'checkpoint_3.safetensors'])
  })

  it.each<[string, Partial<RunConfig>]>([
    ['an average and RMSProp', {}],
    [
      'batch norm and replicas',
      { model_name: 'cnn_small', cnn_channels: '2', cnn_dense: 4, num_replicas: 4 },
    ],
    ['momentum alone', { ema_decay: 0, use_rmsprop: false }],
  ])(
    'with %s: its checkpoints convert to the reference’s files beside them, byte for byte',
    async (_, changes) => {
      const config = {
        ...BASE,
        ...changes,
        num_epochs: 3,
        save_flax_checkpoints: true,
        additional_checkpoints_at_epochs: [0, 1],
      }
      await train(config)
      const at = join(folder(0.2), 'checkpoints')
      for (const name of [
        'checkpoint_1',
        'checkpoint_2',
        'additional_ckpt_1/checkpoint_1',
        'additional_ckpt_0/checkpoint_0',
      ]) {
        const path = join(at, `${name}.safetensors`)
        const whole = readFileSync(path)
        const { tensors, metadata } = decodeSafetensors(whole)
        const { epoch, tensors_sha256, ...before } = metadata
        expect([epoch, tensors_sha256.length]).toEqual([name.at(-1), 64])
        // Files of before say neither; their name does.
        for (const bytes of [whole, encodeSafetensors(tensors, before)]) {
          const [converted] = convertWeights(decodeWeights(bytes, path), 'flax').values()
          expect(Buffer.compare(converted, readFileSync(join(at, name))), name).toBe(0)
        }
      }
    },
  )

  it('with a Flax file that its settings cannot have made says why', async () => {
    const config = { ...BASE, save_flax_checkpoints: true }
    await train(config)
    const folderOf = join(folder(0.2), 'checkpoints')
    for (const name of readdirSync(folderOf)) if (name !== 'checkpoint_3') rmSync(join(folderOf, name))
    renameSync(join(folderOf, 'checkpoint_3'), join(folderOf, 'checkpoint_2'))
    expect((await placeRuns(config, parent, () => {}))[0].checkpoint?.facts.finished).toBe(true)
    const longer = { ...config, num_epochs: 9 }
    const elsewhere = join(parent, 'longer')
    await placeRuns(longer, elsewhere, () => {})
    cpSync(folderOf, join(folder(0.2, elsewhere), 'checkpoints'), { recursive: true })
    expect(await train(longer, undefined, elsewhere)).toBe('finished')
    const other = join(parent, 'other')
    const half = { ...longer, batch_size: 8 }
    await placeRuns(half, other, () => {})
    cpSync(folderOf, join(folder(0.2, other), 'checkpoints'), { recursive: true })
    await expect(train(half, undefined, other)).rejects.toThrow(/at 8 steps an epoch: step 32, got 16/)
    const sgd = { ...longer, use_rmsprop: false }
    const third = join(parent, 'third')
    await placeRuns(sgd, third, () => {})
    cpSync(folderOf, join(folder(0.2, third), 'checkpoints'), { recursive: true })
    await expect(placeRuns(sgd, third, () => {})).rejects.toThrow(
      /trained with RMSProp, these settings are for SGD/,
    )
  })

  it('after a crash drops what was written beyond the checkpoint', async () => {
    await train(BASE, 6)
    const path = join(folder(0.2), 'metrics.csv')
    const line = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)!
    const later = line.replace(/^sam,\d+/, 'sam,99')
    writeFileSync(path, `${readFileSync(path, 'utf8')}${later}\nsam,100,0.`)
    await train(BASE)
    expect(
      remains(folder(0.2))
        .table.slice(1, -1)
        .map((row) => Number(row[1])),
    ).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
  })

  it('sorts its checkpoints by epoch and step, not by letters', () => {
    expect(
      inOrder([
        'checkpoint_10.safetensors',
        'checkpoint_9.safetensors',
        'checkpoint_10_step_43.safetensors',
        'checkpoint_10_step_5.safetensors',
        'checkpoint_tmp',
        'additional_ckpt_3',
        'checkpoint_10',
        'checkpoint_9',
      ]),
    ).toEqual([
      'checkpoint_9',
      'checkpoint_9.safetensors',
      'checkpoint_10_step_5.safetensors',
      'checkpoint_10_step_43.safetensors',
      'checkpoint_10',
      'checkpoint_10.safetensors',
    ])
  })
})

it('a run that diverges says so and keeps finite weights', async () => {
  // Each update multiplies the weights by about −9.
  const big = {
    ...BASE,
    use_rmsprop: false,
    ema_decay: 0,
    learning_rate: 10,
    weight_decay: 1,
    gradient_clipping: 0,
  }
  big.num_epochs = 30
  expect(await train(big)).toBe('diverged')
  expect(notes.join('\n')).toMatch(/SAM, step \d+: the training loss must stay below 1000 times the start’s/)
  const [{ checkpoint }] = await placeRuns(big, parent, () => {})
  expect(checkpoint?.facts.finished).toBe(false)
  for (const { data } of checkpoint!.decoded.tensors.values()) {
    expect([...(data as Float32Array)].every(Number.isFinite)).toBe(true)
  }
})
