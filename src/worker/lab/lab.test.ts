import '@tensorflow/tfjs-backend-cpu'
import { gzipSync, unzipSync } from 'fflate'
import { packTar } from 'modern-tar'
import { beforeEach, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { decodeNpz } from '../../core/formats/npz'
import type { MeasureId, MeasureRequest } from '../../core/landscape/measures'
import { DEFAULT_MEASURE_SETTINGS, MEASURE_INFOS } from '../../core/landscape/measures/info'
import { requestOf } from '../../core/landscape/measures/request'
import { Session } from '../../core/session/session'
import { syntheticDataset } from '../../core/session/synthetic.testing'
import { decodeWeights } from '../../core/weights/weights'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { whyNotKept } from '../keptWeights'
import type { LabEvent, LabState, MetricColumns, RunKey } from '../protocol'
import { Lab } from './lab'
import type { Surroundings } from './surroundings'

const config = (changes: Partial<RunConfig> = {}): RunConfig => ({
  ...DEFAULT_CONFIG,
  mlp_layers: '12',
  batch_size: 16,
  num_epochs: 3,
  num_eval_examples: 24,
  ...changes,
})
/** Long enough to be met in the middle of it. */
const LONG = config({ num_epochs: 5000 })
const settings = { ...DEFAULT_MEASURE_SETTINGS, points_1d: 5, points_2d: 3, num_images: 16 }
const request = (id: MeasureId, changes: typeof settings = settings) =>
  requestOf(MEASURE_INFOS.find((info) => info.id === id)!, changes)

let events: LabEvent[]
let lab: Lab
let loseDevice: (error: BasinError) => void
let onLoad: (signal: AbortSignal) => Promise<void>

beforeEach(async () => {
  await initBackend('cpu')
  events = []
  onLoad = async () => {}
  lab = new Lab(surroundings())
  await lab.init({ datasetsUrl: 'http://here/datasets/' }, (event) => events.push(event))
})

function surroundings(): Surroundings {
  return {
    initBackend: async () => ({ backend: 'cpu', adapter: 'JavaScript', isFallback: true, note: 'slow' }),
    onDeviceLost: (callback) => {
      loseDevice = callback
    },
    loadDataset: async (_config, url, onProgress, signal) => {
      expect(url).toBe('http://here/datasets/')
      onProgress({ phase: 'shards', label: 'train shard 1 of 1', bytesDone: 0, bytesTotal: 10 })
      await onLoad(signal)
      return syntheticDataset({ noise: 0.25 })
    },
    listDatasets: async (url) => {
      expect(url).toBe('http://here/datasets/')
      return { datasets: [], damaged: [{ name: 'torn', reason: 'no end' }] }
    },
  }
}

const ok = async <T>(reply: Promise<{ ok: true; value: T } | { ok: false; error: unknown }>): Promise<T> => {
  const answer = await reply
  if (!answer.ok) throw answer.error
  return answer.value
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${states().join(' ')}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const states = (): LabState[] => events.flatMap((event) => (event.type === 'state' ? [event.state] : []))
const inState = (state: LabState) => until(() => states().at(-1) === state, state)
const ofType = <K extends LabEvent['type']>(type: K) =>
  events.filter((event): event is Extract<LabEvent, { type: K }> => event.type === type)
const steps = (run: RunKey) =>
  ofType('metrics').flatMap(({ columns }) => [...((columns[run] as MetricColumns | undefined)?.step ?? [])])
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe('the lab', () => {
  it('profiles only standing runs, only on WebGPU, and goes on unharmed', async () => {
    expect(await lab.profile()).toMatchObject({ ok: false, error: { code: 'unsupported' } })
    await ok(lab.start(config(), { paused: true }))
    await inState('paused')
    const refusal = await lab.profile()
    expect(refusal).toMatchObject({ ok: false, error: { code: 'unsupported' } })
    expect(JSON.stringify(refusal)).toMatch(/only on WebGPU, got cpu/)
    await ok(lab.resume())
    await inState('finished')
    expect(steps('sgd')).toEqual(upTo(12))
  })

  it('trains from start to end and tells it in order', async () => {
    await ok(lab.start(config()))
    await inState('finished')
    expect(states()).toEqual(['loading', 'training', 'finished'])
    expect(ofType('loading').map(({ progress }) => progress.phase)).toEqual(['shards', 'network'])
    const [{ info }] = ofType('session')
    const data = { numTrain: 64, numTest: 40, numClasses: 4, numWrongLabels: 16 }
    const numParams = 36 * 12 + 12 + 12 * 4 + 4
    const alike = { stepsPerEpoch: 4, totalSteps: 12, differs: ['sam_rho'], data, numParams }
    expect(info.runs).toMatchObject([
      { key: 'sgd', label: 'SGD', config: { sam_rho: 0 }, totalGradients: 12, ...alike },
      { key: 'sam', label: 'SAM', config: { sam_rho: 0.2 }, totalGradients: 24, ...alike },
    ])
    expect(steps('sgd')).toEqual(upTo(12))
    expect(steps('sam')).toEqual(upTo(12))
    // No evaluation overtakes the metrics of the steps before it, no state the last evaluation.
    const seen = events.map((event) => event.type)
    expect(seen.lastIndexOf('metrics')).toBeLessThan(seen.lastIndexOf('evaluation'))
    expect(seen.at(-1)).toBe('state')
    const final = ofType('evaluation').filter((event) => event.final)
    expect(final.map(({ run, metrics }) => [run, metrics.testCount])).toEqual([
      ['sgd', 40],
      ['sam', 40],
    ])
    // Everything must survive postMessage.
    expect(() => structuredClone(events)).not.toThrow()
  })

  it('says how far an evaluation is, and its end', async () => {
    await ok(lab.start(config()))
    await inState('finished')
    const told = ofType('evaluating')
    expect(told.length).toBeGreaterThan(0)
    for (const { batchesDone, batchesTotal } of told) {
      expect(batchesDone).toBeGreaterThan(0)
      expect(batchesDone).toBeLessThanOrEqual(batchesTotal)
    }
    // The page shows progress until it hears that all batches are done.
    expect(told.at(-1)?.batchesDone).toBe(told.at(-1)?.batchesTotal)
  })

  it('says when nothing will be kept, once the page has the session that the hint belongs to', async () => {
    const forgetful = new Lab({ ...surroundings(), storageNote: () => 'kept in this tab only' })
    await forgetful.init({ datasetsUrl: 'http://here/datasets/' }, (event) => events.push(event))
    await ok(forgetful.start(config({ num_epochs: 1 })))
    await inState('finished')
    expect(ofType('hint')).toContainEqual({ type: 'hint', key: 'storage', message: 'kept in this tab only' })
    const seen = events.map((event) => event.type)
    expect(seen.indexOf('hint')).toBeGreaterThan(seen.indexOf('session'))
  })

  it('pauses, steps, resumes and stops', async () => {
    await ok(lab.start(LONG))
    await until(() => steps('sam').length > 3, 'steps')
    await ok(lab.pause())
    await inState('paused')
    const paused = steps('sam').length
    await ok(lab.step(LONG))
    expect(steps('sam')).toEqual(upTo(paused + 1))
    expect(steps('sgd')).toEqual(upTo(paused + 1))
    await ok(lab.resume())
    await until(() => steps('sam').length > paused + 3, 'more steps')
    await ok(lab.stop())
    expect(states()).toEqual(['loading', 'training', 'paused', 'training', 'stopped'])
    const stopped = steps('sam').length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(steps('sam')).toHaveLength(stopped)
  })

  it('answers Pause at once, whatever a step takes, and keeps the next command until it stands still', async () => {
    const backend = tf.backend()
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const { read } = backend
    let reading = false
    await ok(lab.start(LONG))
    await until(() => steps('sam').length > 3, 'steps')
    backend.read = async (dataId) => {
      reading = true
      await gate
      return read.call(backend, dataId)
    }
    try {
      // Something to wait for.
      await until(() => reading, 'a read')
      await ok(lab.pause())
      const step = lab.step(LONG)
      const waiting = await Promise.race([step, new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))])
      expect(waiting).toBe('waiting')
      expect(states().at(-1)).toBe('training')
      open()
      await inState('paused')
      await ok(step)
      await ok(lab.pause())
      expect(states()).toEqual(['loading', 'training', 'paused'])
    } finally {
      backend.read = read
    }
  })

  it('steps from idle, and the last step finishes', async () => {
    const short = config({ num_epochs: 1 })
    await ok(lab.step(short))
    await inState('paused')
    expect(steps('sgd')).toEqual([1])
    for (let i = 0; i < 3; i++) await ok(lab.step(short))
    await inState('finished')
    expect(states()).toEqual(['loading', 'paused', 'training', 'finished'])
    expect(ofType('evaluation').filter((event) => event.final)).toHaveLength(2)
  })

  it('answers commands that do not fit with an error and changes nothing', async () => {
    const fresh = new Lab(surroundings())
    expect(await fresh.start(LONG)).toMatchObject({
      ok: false,
      error: { code: 'unsupported', message: expect.stringMatching(/after init/) },
    })
    for (const answer of [
      await lab.pause(),
      await lab.resume(),
      await lab.stop(),
      await lab.measure(request('line')),
      await lab.exportWeights('sgd', 'safetensors'),
      await lab.init({ datasetsUrl: '' }, () => {}),
    ]) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'unsupported' } })
    }
    expect(await lab.start({ ...LONG, batch_size: 0 })).toMatchObject({
      ok: false,
      error: { code: 'config', message: expect.stringMatching(/batch_size/) },
    })
    expect(events.map(({ type }) => type)).toEqual(['measures'])
    await ok(lab.start(LONG))
    await inState('training')
    expect(await lab.measure(request('line'))).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/measure: in paused, finished, stopped, got training/) },
    })
    await ok(lab.reset())
    expect(states().at(-1)).toBe('idle')
  })

  it('drops the session before it starts another, and nothing is left on the device', async () => {
    const before = tf.memory().numTensors
    await ok(lab.start(LONG))
    await until(() => steps('sgd').length > 2, 'steps')
    await ok(lab.start(config({ run_seed: 1, runs: '', num_epochs: 1 })))
    await inState('finished')
    expect(
      ofType('session')
        .at(-1)
        ?.info.runs.map((run) => run.key),
    ).toEqual(['sam'])
    await ok(lab.reset())
    expect(tf.memory().numTensors).toBe(before)
  })

  it('gives up loading on stop', async () => {
    let aborted = false
    onLoad = (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(new BasinError('cancelled', 'data: loading was cancelled'))
        }),
      )
    await ok(lab.start(LONG))
    await ok(lab.stop())
    expect(aborted).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(states()).toEqual(['loading', 'idle'])
  })

  it('fails with the words of the loader, and can start again', async () => {
    onLoad = async () => {
      throw new BasinError('data-damaged', 'train-03.bin.gz: SHA-256 must match', 'Fetch it again.')
    }
    await ok(lab.start(LONG))
    await inState('failed')
    expect(ofType('state').at(-1)?.error).toEqual({
      code: 'data-damaged',
      message: 'train-03.bin.gz: SHA-256 must match',
      remedy: 'Fetch it again.',
    })
    onLoad = async () => {}
    await ok(lab.start(config({ num_epochs: 1 })))
    await inState('finished')
  })

  it('says once that the device is lost, and refuses from then on', async () => {
    await ok(lab.start(LONG))
    await until(() => steps('sgd').length > 2, 'steps')
    loseDevice(new BasinError('device', 'GPU: the device was lost', 'Reload the page.'))
    expect(states().filter((state) => state === 'failed')).toHaveLength(1)
    expect(ofType('state').at(-1)).toMatchObject({
      error: { code: 'device', remedy: 'Reload the page.' },
      lost: true,
    })
    expect(await lab.start(LONG)).toMatchObject({ ok: false, error: { code: 'device' } })
    expect(await lab.cancelMeasure()).toMatchObject({ ok: false, error: { code: 'device' } })
    expect(states().at(-1)).toBe('failed')
  })

  it.each(['safetensors', 'npz', 'flax', 'tfjs'] as const)(
    'keeps what another lab, without session or device, packs into the same %s when the device is lost',
    async (format) => {
      const averaged = config({ num_epochs: 2, ema_decay: 0.9, use_rmsprop: true })
      await ok(lab.start(averaged))
      await inState('finished')
      // One of each run after each epoch; the last are the final ones.
      expect(ofType('kept').map(({ weights }) => [weights.key, weights.snapshot.step])).toEqual([
        ['sgd', 4],
        ['sam', 4],
        ['sgd', 8],
        ['sam', 8],
      ])
      const own = await ok(lab.exportWeights('sam', format))
      const kept = structuredClone(ofType('kept').at(-1)!.weights)
      loseDevice(new BasinError('device', 'GPU: the device was lost'))
      expect(await lab.exportWeights('sam', format)).toMatchObject({ ok: false, error: { code: 'device' } })
      const packed = await ok(new Lab(surroundings()).packKept(kept, format))
      expect(packed.filename).toBe(own.filename)
      expect(Buffer.compare(packed.bytes, own.bytes)).toBe(0)
      // The lab that lost its device packs just as well.
      expect((await ok(lab.packKept(kept, format))).filename).toBe(own.filename)
    },
  )

  it('loses nothing of the other run to an import: both are kept anew', async () => {
    const short = config({ num_epochs: 2 })
    await ok(lab.start(short))
    await inState('finished')
    const sgd = ofType('kept').findLast(({ weights }) => weights.key === 'sgd')!.weights
    const file = await ok(lab.exportWeights('sgd', 'npz'))
    events.length = 0
    await ok(lab.importWeights('sam', file.filename, file.bytes, short))
    const kept = ofType('kept').map(({ weights }) => weights)
    expect(kept.map(({ key }) => key)).toEqual(['sgd', 'sam'])
    for (const { snapshot } of kept) expect(snapshot.theta).toEqual(sgd.snapshot.theta)
    expect(kept[0].metrics).toEqual(sgd.metrics)
  })

  it('trains to the same bits whether or not copies are handed over', async () => {
    const data = syntheticDataset({ noise: 0.25 })
    const alone = new Session({ config: config(), dataset: data })
    await alone.train()
    const { theta, slots } = await alone.snapshot('sam')
    alone.dispose()
    await ok(lab.start(config()))
    await inState('finished')
    const { snapshot } = ofType('kept').at(-1)!.weights
    expect(snapshot.theta).toEqual(theta)
    expect(snapshot.slots).toEqual(slots)
  })

  it('says when the runs are too large to keep copies of, and keeps none', async () => {
    const run = { stateBytes: 2 ** 29 + 1 }
    expect(whyNotKept({ runs: [run, run] } as unknown as Session)).toMatch(/take 1\.0 GiB/)
    expect(whyNotKept({ runs: [run] } as unknown as Session)).toBeUndefined()
  })

  it('hears of a device that is lost while it is looked for', async () => {
    const fresh = new Lab({
      ...surroundings(),
      initBackend: async () => {
        loseDevice(new BasinError('device', 'GPU: the device was lost'))
        return new Promise(() => {})
      },
    })
    expect(await fresh.init({ datasetsUrl: '' }, (event) => events.push(event))).toMatchObject({
      ok: false,
      error: { code: 'device' },
    })
    expect(ofType('state')).toMatchObject([{ state: 'failed', lost: true }])
  })

  it('measures while it stands still, and cancels that for a resume', async () => {
    await ok(lab.start(LONG, { paused: true }))
    await inState('paused')
    expect(await ok(lab.measure(request('line')))).toEqual({ cancelled: false })
    const last = ofType('measured').at(-1)!.news.progress
    expect(last).toMatchObject({ done: 10, total: 10, finished: true })
    expect(last.findings.map(({ runs }) => runs)).toEqual([['sgd'], ['sam']])
    // Both runs stand at θ₀.
    expect(last.findings[0].values).toEqual(last.findings[1].values)
    expect(await ok(lab.measure(request('interpolation')))).toEqual({ cancelled: false })

    const large = { ...settings, points_2d: 101, num_images: 64 }
    const measuring = lab.measure(request('surface', large))
    await until(() => ofType('measured').at(-1)!.news.progress.total > 20000, 'the surface')
    expect(await lab.measure(request('line'))).toMatchObject({ ok: false })
    await ok(lab.resume())
    expect(await ok(measuring)).toEqual({ cancelled: true })
    expect(states().at(-1)).toBe('training')
    await ok(lab.reset())
  })

  it('says at once what can be measured, as plain data', async () => {
    const fresh = new Lab(surroundings())
    await ok(fresh.init({ datasetsUrl: '' }, (event) => events.push(event)))
    expect(events[0]).toMatchObject({ type: 'measures', measures: MEASURE_INFOS })
    expect(structuredClone(events)).toEqual(events)
  })

  it('measures the runs that are chosen, and refuses others and settings out of range', async () => {
    await ok(lab.start(LONG, { paused: true }))
    await inState('paused')
    await ok(lab.measure({ ...request('line'), runs: ['sam'] }))
    expect(
      ofType('measured')
        .at(-1)!
        .news.progress.findings.map(({ runs }) => runs),
    ).toEqual([['sam']])
    await ok(lab.measure({ ...request('interpolation'), runs: ['sam', 'sgd'] }))
    expect(ofType('measured').at(-1)!.news.progress.findings[0].runs).toEqual(['sam', 'sgd'])
    expect(await lab.measure({ ...request('line'), runs: ['adam'] })).toMatchObject({
      ok: false,
      error: { code: 'unsupported', message: 'line: runs among sgd, sam, got adam' },
    })
    expect(await lab.measure(request('line', { ...settings, points_1d: 2 }))).toMatchObject({
      ok: false,
      error: { code: 'config', message: expect.stringMatching(/^line: points_1d: /) },
    })
    const unknown = { ...request('line'), id: 'area' } as unknown as MeasureRequest
    expect(await lab.measure(unknown)).toMatchObject({
      ok: false,
      error: { message: `measure: one of ${MEASURE_INFOS.map(({ id }) => id).join(', ')}, got area` },
    })
    await ok(lab.reset())
  })

  it('needs two runs for an interpolation', async () => {
    await ok(lab.start(config({ runs: '' }), { paused: true }))
    await inState('paused')
    expect(await lab.measure(request('interpolation'))).toMatchObject({
      ok: false,
      error: {
        code: 'unsupported',
        message: expect.stringMatching(/interpolation: needs two runs, got one/),
      },
    })
    await ok(lab.reset())
  })

  it.each(['safetensors', 'npz'] as const)(
    'takes its own %s back, and goes on from there',
    async (format) => {
      await ok(lab.start(config({ num_epochs: 2 })))
      await inState('finished')
      const { filename, bytes } = await ok(lab.exportWeights('sam', format))
      expect(filename).toBe(`basin_mlp_sam_rho0.2_seed0_step8.${format}`)
      await ok(lab.reset())
      events.length = 0

      const summary = await ok(lab.importWeights('sam', filename, bytes, LONG))
      expect(summary).toMatchObject({ run: 'sam', step: 8, config: { num_epochs: 2, mlp_layers: '12' } })
      expect(summary.message).toMatch(/stands as SAM at step 8.*Momentum starts at zero/)
      expect(states()).toEqual(['paused'])
      const types = events.map(({ type }) => type)
      expect(types.lastIndexOf('imported')).toBeGreaterThan(types.lastIndexOf('session'))
      expect(ofType('imported')).toEqual([{ type: 'imported', summary }])
      const again = await ok(lab.exportWeights('sam', format))
      expect(again.filename).toBe(filename)
      // The other run starts at θ₀ and catches up; then both are evaluated.
      await ok(lab.resume())
      await inState('finished')
      expect(steps('sgd')).toEqual(upTo(8))
      expect(steps('sam')).toEqual([])
      expect(
        ofType('evaluation')
          .filter((event) => event.final)
          .map(({ run }) => run),
      ).toEqual(['sgd', 'sam'])
    },
  )

  it('takes its own Flax checkpoint back whole, alone and in an archive', async () => {
    const averaged = config({ num_epochs: 2, ema_decay: 0.9, use_rmsprop: true })
    await ok(lab.start(averaged))
    await inState('finished')
    const { filename, bytes } = await ok(lab.exportWeights('sam', 'flax'))
    expect(filename).toBe('checkpoint_1')
    await ok(lab.reset())
    const archive = await packTar([
      { header: { name: 'c/checkpoint_0', size: 3 }, body: 'old' },
      { header: { name: `c/${filename}`, size: bytes.length }, body: bytes },
    ])
    // The page is set to no average and no RMSProp; the file knows better.
    for (const [name, file] of [
      [filename, bytes],
      ['run.tar.gz', gzipSync(archive)],
    ] as const) {
      const summary = await ok(lab.importWeights('sam', name, file, config({ num_epochs: 2 })))
      expect(summary).toMatchObject({ step: 8, config: { ema_decay: 0.9, use_rmsprop: true } })
      expect(summary.message).toMatch(/checkpoint_1 stands as SAM at step 8, with the settings of this page/)
      expect(summary.message).not.toMatch(/Momentum/)
      const again = await ok(lab.exportWeights('sam', 'flax'))
      expect(Buffer.compare(again.bytes, bytes)).toBe(0)
    }
    expect(await lab.importWeights('sam', filename, bytes, config({ num_epochs: 1 }))).toMatchObject({
      ok: false,
      error: {
        code: 'file-format',
        message: expect.stringMatching(/step: at most 4, .* the page’s settings/),
      },
    })
  })

  it('writes a manifest and shards that TensorFlow.js reads', async () => {
    await ok(lab.start(config({ num_epochs: 1 })))
    await inState('finished')
    const { filename, bytes } = await ok(lab.exportWeights('sam', 'tfjs'))
    expect(filename).toBe('basin_mlp_sam_rho0.2_seed0_step4_tfjs.zip')
    const files = unzipSync(bytes)
    expect(Object.keys(files)).toEqual(['model.json', 'group1-shard1of1.bin'])
    const { weightsManifest } = JSON.parse(new TextDecoder().decode(files['model.json']))
    const load = tf.io.weightsLoaderFactory(async (urls) =>
      urls.map((url) => files[url.replace('./', '')].slice().buffer),
    )
    const read = await load(weightsManifest, '.')
    const npz = decodeNpz((await ok(lab.exportWeights('sam', 'npz'))).bytes)
    npz.delete('metadata.json')
    expect(Object.keys(read)).toEqual([...npz.keys()])
    for (const [name, { shape, data }] of npz) {
      expect(read[name].shape).toEqual(shape)
      expect(await read[name].data()).toEqual(data)
    }
  })

  it('fine-tunes a pair from a file, and asks for it where there is none', async () => {
    await ok(lab.start(config({ num_epochs: 1, runs: '' })))
    await inState('finished')
    const { filename, bytes } = await ok(lab.exportWeights('sam', 'flax'))
    const tuned = config({ num_epochs: 1, from_pretrained_checkpoint: true, learning_rate: 0 })
    await ok(lab.start(tuned))
    await inState('failed')
    expect(ofType('state').at(-1)?.error?.message).toMatch(/needs weights to start from/)
    expect(await lab.loadPretrained('half', bytes.subarray(0, 99))).toMatchObject({
      ok: false,
      error: { code: 'file-format' },
    })
    const { message } = await ok(lab.loadPretrained(filename, bytes))
    expect(message).toMatch(/^checkpoint_0 \(\d+ tensors\)/)
    await ok(lab.start(tuned))
    await inState('finished')
    // Without a learning rate both runs end where they began.
    for (const run of ['sgd', 'sam'] as const) {
      const ended = decodeNpz((await ok(lab.exportWeights(run, 'npz'))).bytes)
      const began = decodeWeights(bytes, filename).tensors
      for (const [name, { data }] of ended) {
        if (name !== 'metadata.json') expect(data, name).toEqual(began.get(name)!.data)
      }
    }
  })

  it('says which data sets are here, also while a run goes on', async () => {
    await ok(lab.start(config({ num_epochs: 4000 })))
    await inState('training')
    expect(await ok(lab.datasets())).toMatchObject({ datasets: [], damaged: [{ name: 'torn' }] })
    expect(states().at(-1)).toBe('training')
    await ok(lab.stop())
    await inState('stopped')
  })

  it('says what a run needs, and refuses what cannot fit', async () => {
    const images = { name: 'x', height: 6, width: 6, channels: 1, numClasses: 4 }
    const plan = await ok(lab.plan(config(), images))
    expect(plan.numParams).toBe(36 * 12 + 12 + 12 * 4 + 4)
    expect(plan.problem).toBeUndefined()
    expect(plan.memory.total).toBeGreaterThan(plan.memory.state)
    const small = config({ memory_budget_mib: 1, mlp_layers: '50000' })
    expect((await ok(lab.plan(small, images))).problem).toMatchObject({ code: 'device' })
    await ok(lab.start(small))
    await inState('failed')
    expect(ofType('state').at(-1)?.error).toMatchObject({
      code: 'device',
      message: expect.stringMatching(/^memory: at most 1.0 MiB \(memory_budget_mib\), got/),
    })
  })

  it('puts weights in place of one run and keeps what the other has done', async () => {
    const short = config({ num_epochs: 2 })
    await ok(lab.start(short))
    await inState('finished')
    const sgd = await ok(lab.exportWeights('sgd', 'safetensors'))
    events.length = 0
    const summary = await ok(lab.importWeights('sam', sgd.filename, sgd.bytes, short))
    expect(summary.message).toMatch(/exported from SGD/)
    expect(events.map((event) => event.type)).toEqual([
      'session',
      'metrics',
      'evaluation',
      'evaluation',
      'kept',
      'kept',
      'state',
      'imported',
    ])
    expect(steps('sgd')).toEqual(upTo(8))
    expect(steps('sam')).toEqual([])
    await ok(lab.measure(request('line')))
    const { findings } = ofType('measured').at(-1)!.news.progress
    expect(findings[0].values).toEqual(findings[1].values)
    expect(states().at(-1)).toBe('paused')
  })

  it('refuses a damaged or foreign file and changes nothing', async () => {
    await ok(lab.start(config({ num_epochs: 1 })))
    await inState('finished')
    const { filename, bytes } = await ok(lab.exportWeights('sam', 'safetensors'))
    const other = new Lab(surroundings())
    await other.init({ datasetsUrl: 'http://here/datasets/' }, () => {})
    const wide = config({ mlp_layers: '13' })
    await ok(other.step(wide))
    let misfit = await other.exportWeights('sgd', 'safetensors')
    while (!misfit.ok) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      misfit = await other.exportWeights('sgd', 'safetensors')
    }
    // As if another program had written it: no settings of ours, so those of the page count.
    const text = new TextDecoder('latin1').decode(misfit.value.bytes)
    const foreign = Uint8Array.from(text.replace('"producer":"basin"', '"producer":"other"'), (char) =>
      char.charCodeAt(0),
    )
    const before = events.length
    expect(
      await lab.importWeights('sam', filename, bytes.subarray(0, bytes.length - 4), config()),
    ).toMatchObject({
      ok: false,
      error: { code: 'file-format', message: expect.stringContaining(filename) },
    })
    expect(await lab.importWeights('sam', 'foreign.safetensors', foreign, config())).toMatchObject({
      ok: false,
      error: { code: 'tensor-mismatch', message: expect.stringMatching(/mis-shaped/) },
    })
    expect(events.slice(before).every((event) => event.type === 'loading')).toBe(true)
    expect((await ok(lab.exportWeights('sam', 'safetensors'))).bytes).toEqual(bytes)
    await ok(other.reset())
  })
})
