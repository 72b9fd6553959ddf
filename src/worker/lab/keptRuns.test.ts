/** A lab that keeps its runs, on files in memory: what is written, and what becomes of it after an end without a word. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeEach, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { decodeNpz } from '../../core/formats/npz'
import type { MeasureId } from '../../core/landscape/measures'
import { DEFAULT_MEASURE_SETTINGS, MEASURE_INFOS } from '../../core/landscape/measures/info'
import { requestOf } from '../../core/landscape/measures/request'
import { openRun, packRun } from '../../core/library/archive'
import { keptCheckpoints } from '../../core/library/checkpoints'
import { RunDocument } from '../../core/library/document'
import { listRuns } from '../../core/library/listing'
import { MemoryRunFiles } from '../../core/library/memoryFiles.testing'
import type { RunRecord } from '../../core/library/record'
import { syntheticDataset } from '../../core/session/synthetic.testing'
import { initBackend } from '../../engine/backend'
import type { LabEvent, LabState, MetricColumns, RunKey } from '../protocol'
import type { KeepingPlace } from './keepingPlace'
import { Lab } from './lab'
import type { Surroundings } from './surroundings'

const config = (changes: Partial<RunConfig> = {}): RunConfig => ({
  ...DEFAULT_CONFIG,
  mlp_layers: '12',
  batch_size: 16,
  num_epochs: 6,
  num_eval_examples: 24,
  ...changes,
})
const LONG = config({ num_epochs: 400 })
/** Outlasts what is written and looked at every other second, however fast the machine. */
const ENDLESS = config({ num_epochs: 10_000 })

let files: MemoryRunFiles
let claims: Claims
let room: { granted: number; used: number } | undefined

beforeEach(async () => {
  await initBackend('cpu')
  files = new MemoryRunFiles()
  claims = new Claims()
  room = undefined
})

/** Web Locks by hand. */
class Claims {
  readonly #held = new Map<string, Tab>()
  #waiting: { name: string; take: () => void }[] = []

  of(tab: Tab): KeepingPlace['claim'] {
    return async (name, patience) => {
      if (!this.#held.has(name)) return this.#hold(name, tab)
      if (!patience) return undefined
      return new Promise((resolve) => {
        const take = () => resolve(this.#hold(name, tab))
        this.#waiting.push({ name, take })
        patience.addEventListener('abort', () => {
          this.#waiting = this.#waiting.filter((one) => one.take !== take)
          resolve(undefined)
        })
      })
    }
  }

  /** A tab has ended. */
  free(tab: Tab): void {
    for (const [name, holder] of this.#held) if (holder === tab) this.#release(name)
  }

  #hold(name: string, tab: Tab): () => void {
    this.#held.set(name, tab)
    return () => this.#release(name)
  }

  #release(name: string): void {
    this.#held.delete(name)
    const next = this.#waiting.findIndex((one) => one.name === name)
    if (next >= 0) this.#waiting.splice(next, 1)[0].take()
  }
}

/** A page: its lab, and what it was told. */
class Tab {
  readonly events: LabEvent[] = []
  readonly lab: Lab
  /** A process that was killed writes no more. */
  killed = false

  constructor() {
    const dead = () => new Promise<never>(() => {})
    const writing = new Proxy(files, {
      get: (target, name) => {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => (this.killed ? dead() : value.apply(target, args))
      },
    })
    const surroundings: Surroundings = {
      initBackend: async () => ({ backend: 'cpu', adapter: 'JavaScript', isFallback: true, note: 'slow' }),
      onDeviceLost: () => {},
      loadDataset: async () => syntheticDataset({ noise: 0.25 }),
      listDatasets: async () => ({ datasets: [], damaged: [] }),
      keeping: { files: writing, claim: claims.of(this), room: async () => room },
    }
    this.lab = new Lab(surroundings)
  }

  async open(link?: RunConfig): Promise<this> {
    await ok(this.lab.init({ datasetsUrl: '', opening: { link } }, (event) => this.events.push(event)))
    return this
  }

  async kill(): Promise<void> {
    this.killed = true
    claims.free(this)
  }

  states = (): LabState[] => this.events.flatMap((event) => (event.type === 'state' ? [event.state] : []))
  inState = (state: LabState) => until(() => this.states().at(-1) === state, `${state}: ${this.states()}`)
  ofType = <K extends LabEvent['type']>(type: K) =>
    this.events.filter((event): event is Extract<LabEvent, { type: K }> => event.type === type)
  steps = (run: RunKey) => {
    const from = this.events.findLastIndex(({ type }) => type === 'session')
    return this.events
      .slice(from)
      .flatMap((event) =>
        event.type === 'metrics' ? [...((event.columns[run] as MetricColumns | undefined)?.step ?? [])] : [],
      )
  }
  kept = (run: RunKey) => this.ofType('keeping').at(-1)?.news.runs[run]
  /** As the page was told last. */
  way = (run: RunKey) =>
    this.ofType('ways')
      .at(-1)
      ?.ways.points.flatMap((point) => (point.run === run ? [point.step] : [])) ?? []
  problem = () => this.ofType('keeping').at(-1)?.news.problem
}

const ok = async <T>(reply: Promise<{ ok: true; value: T } | { ok: false; error: unknown }>): Promise<T> => {
  const answer = await reply
  if (!answer.ok) throw answer.error
  return answer.value
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

async function records(): Promise<Record<RunKey, RunRecord>> {
  const { runs, damaged } = await listRuns(files, '', true)
  expect(damaged).toEqual([])
  return Object.fromEntries(runs.map(({ record }) => [record.key, record]))
}

/** Trains to the end. @returns the sums of the parameters */
async function uninterrupted(settings: RunConfig): Promise<Record<RunKey, string | undefined>> {
  const before = files
  files = new MemoryRunFiles()
  const tab = await new Tab().open()
  await ok(tab.lab.start(settings))
  await tab.inState('finished')
  await until(
    async () => Object.values(await records()).every(({ state }) => state === 'finished'),
    'records',
  )
  const sums = Object.fromEntries(
    Object.entries(await records()).map(([key, { parametersSha256 }]) => [key, parametersSha256]),
  )
  files = before
  return sums
}

/** Trains until both runs are kept beyond `step`, and ends there without a word. */
async function killedAfter(step: number, settings: RunConfig): Promise<void> {
  const tab = await new Tab().open()
  await ok(tab.lab.start(settings))
  const past = (run: RunKey) => (tab.kept(run)?.step ?? 0) >= step
  await until(() => past('sgd') && past('sam'), `step ${step}`)
  await tab.kill()
  await tab.lab.reset()
}

describe('runs that are kept', () => {
  it('are there whole when they are finished: record, curves, two checkpoints, measures', async () => {
    const tab = await new Tab().open()
    await ok(tab.lab.start(config()))
    await tab.inState('finished')
    await until(() => tab.kept('sgd')?.step === 24 && tab.kept('sam')?.step === 24, 'both kept')
    const { sgd, sam } = await records()
    expect(sgd).toMatchObject({
      state: 'finished',
      step: 24,
      totalSteps: 24,
      label: 'SGD',
      device: 'cpu (JavaScript)',
    })
    expect(sam.parametersSha256).toMatch(/^[0-9a-f]{64}$/)
    expect(sam.experiment).toBe(sgd.experiment)
    const document = (await RunDocument.open(files, `${sam.id}/`))!
    const { lines, evaluations } = await document.curves()
    expect(lines.map(({ row }) => row.step)).toEqual(upTo(24))
    expect(evaluations.at(-1)).toMatchObject({ step: 24, testCount: 40 })
    const line = MEASURE_INFOS.find(({ id }) => id === 'line')!
    const settings = { ...DEFAULT_MEASURE_SETTINGS, points_1d: 5, num_images: 16 }
    await ok(tab.lab.measure(requestOf(line, settings)))
    await until(async () => (await files.keys(`${sgd.id}/measures/`)).length === 1, 'the measure')
    expect(await files.keys('going/')).toHaveLength(1)
    await ok(tab.lab.reset())
    await until(async () => (await files.keys('going/')).length === 0, 'no mark')
  })

  it('keep their way, and what was measured on planes, for the next tab', async () => {
    const settings = config({ trajectory_every: 2, num_epochs: 4, runs: '' })
    const [first, next] = [await new Tab().open(), await new Tab().open()]
    await ok(first.lab.start(settings))
    await first.inState('finished')
    const { sam } = await records()
    const wayKeys = async () =>
      (await files.keys(`${sam.id}/checkpoints/trajectory/`)).map((key) => key.split('/').at(-1))
    await until(async () => (await wayKeys()).length === 3, 'the way')
    await until(() => first.way('sam').length === 3, 'the way as it grew')
    expect(first.way('sam')).toEqual([0, 8, 16])
    expect(await wayKeys()).toEqual(['step_0.safetensors', 'step_16.safetensors', 'step_8.safetensors'])
    expect(
      await packRun(files, `${sam.id}/`).then((zip) => openRun(zip, 'run.zip').contents.size),
    ).toBeGreaterThan(6)

    const info = MEASURE_INFOS.find(({ id }) => id === 'trajectory')!
    const wanted = requestOf(info, { ...DEFAULT_MEASURE_SETTINGS, points_2d: 3, num_images: 16 })
    const valuesIn = (tab: Tab) =>
      tab.ofType('measured').at(-1)!.news.progress.findings[0].values as Record<string, unknown>
    await ok(first.lab.measure(wanted))
    // A checkpoint between is a point of the way too, where time was taken for one.
    expect([...(valuesIn(first).point_step as Float64Array)]).toEqual(expect.arrayContaining([0, 8, 16]))
    await ok(first.lab.reset())
    const planes = async () => [...(await files.sizes(`${sam.id}/points/`)).values()]
    await until(async () => (await planes())[0] === 9 * 16, 'the points')

    await ok(next.lab.open([sam.id]))
    await next.inState('finished')
    await ok(next.lab.measure(wanted))
    expect(valuesIn(next)).toEqual(valuesIn(first))
    await ok(next.lab.reset())
    expect(await planes()).toEqual([9 * 16])
  })

  it('have a grid that a closed tab cut off go on, until somebody cancels it', async () => {
    const surface = MEASURE_INFOS.find(({ id }) => id === 'surface')!
    const asked = { ...DEFAULT_MEASURE_SETTINGS, points_2d: 201, num_images: 16 }
    const first = await new Tab().open()
    await ok(first.lab.start(config()))
    await first.inState('finished')
    void first.lab.measure(requestOf(surface, asked))
    const isNoted = async () => (await records()).sam?.unfinished !== undefined
    await until(isNoted, 'the note')
    await first.kill()
    await first.lab.reset()

    const tab = await new Tab().open()
    await tab.inState('interrupted')
    const [{ measure }] = tab.ofType('unfinished')
    expect(measure).toMatchObject({ id: 'surface', runs: ['sgd', 'sam'], total: 2 * 201 * 201 })
    expect(measure.settings).toMatchObject({ points_2d: 201, num_images: 16, directions: 'random' })
    const [found] = tab.ofType('found')
    expect((found.findings[0].values.loss as Float64Array).some(Number.isFinite)).toBe(true)
    expect(found.findings).toHaveLength(2)

    await ok(tab.lab.open(measure.ids))
    await tab.inState('finished')
    expect(tab.ofType('unfinished')).toHaveLength(2)
    const again = tab.lab.measure(requestOf(surface, { ...asked, ...measure.settings }))
    await until(() => tab.ofType('measured').length > 0, 'progress')
    expect(tab.ofType('measured')[0].news.progress.done).toBeGreaterThan(0)
    await ok(tab.lab.cancelMeasure())
    await ok(again)
    await until(async () => !(await isNoted()), 'no note')
    await ok(tab.lab.reset())
    expect((await new Tab().open()).states()).toEqual([])
  })

  it('leave their way where there is no room for it, and keep their checkpoints', async () => {
    room = { granted: 200_000, used: 0 }
    const tab = await new Tab().open()
    await ok(tab.lab.start(config({ trajectory_every: 0.25 })))
    await tab.inState('finished')
    await until(async () => (tab.kept('sam')?.step ?? 0) === 24, 'checkpoints')
    const hints = tab.ofType('keeping').map(({ news }) => news.note)
    expect(hints.find((note) => note?.startsWith('The weights on the way of these runs'))).toBeDefined()
    const { sam } = await records()
    expect((await files.keys(`${sam.id}/checkpoints/trajectory/`)).length).toBeLessThanOrEqual(1)
  })

  it('that end without a word stand there at the next opening, and go on to the same bits', async () => {
    const settings = config({ num_epochs: 40, ema_decay: 0.9, trajectory_every: 4 })
    // Looking on changes nothing.
    const whole = await uninterrupted({ ...settings, trajectory_every: 0 })
    await killedAfter(4, settings)
    const tab = await new Tab().open()
    await tab.inState('interrupted')
    const { sgd } = await records()
    expect(sgd).toMatchObject({ state: 'interrupted' })
    expect(tab.steps('sgd')).toEqual(upTo(sgd.step))
    expect(tab.ofType('session').at(-1)?.info).toMatchObject({
      config: settings,
      runs: [
        { key: 'sgd', totalSteps: 160, differs: ['sam_rho'], data: { numTrain: 64, numWrongLabels: 16 } },
        { key: 'sam', totalGradients: 320 },
      ],
    })
    await ok(tab.lab.continue())
    await tab.inState('finished')
    expect(tab.steps('sam')).toEqual(upTo(160))
    const ends = (run: RunKey) => [tab.way(run)[0], tab.way(run).at(-1)].join()
    await until(() => ends('sgd') === '0,160' && ends('sam') === '0,160', 'the ways from the beginning')
    await until(
      async () => Object.values(await records()).every(({ state }) => state === 'finished'),
      'records',
    )
    const after = await records()
    expect({ sgd: after.sgd.parametersSha256, sam: after.sam.parametersSha256 }).toEqual(whole)
    const { lines, evaluations } = await (await RunDocument.open(files, `${after.sam.id}/`))!.curves()
    expect(lines.map(({ row }) => row.step)).toEqual(upTo(160))
    expect(evaluations.map(({ step }) => step)).toEqual(upTo(40).map((epoch) => 4 * epoch))
  })

  it('are offered beside a link to other settings, and shown where the link is theirs', async () => {
    await killedAfter(4, LONG)
    const other = await new Tab().open(config({ run_seed: 5 }))
    const [offer] = other.ofType('offers')[0].offers
    expect(offer).toMatchObject({ labels: ['SGD', 'SAM'], elsewhere: false, totalSteps: 1600 })
    expect(other.states()).toEqual([])
    const same = await new Tab().open(LONG)
    await same.inState('interrupted')
    // Another that opens meanwhile finds it taken.
    const third = await new Tab().open()
    expect(third.states()).toEqual([])
    expect(third.ofType('offers')[0].offers[0].elsewhere).toBe(true)
  })

  it('are not shown again once something else was trained in their place', async () => {
    await killedAfter(4, LONG)
    const tab = await new Tab().open()
    await tab.inState('interrupted')
    await ok(tab.lab.reset())
    const next = await new Tab().open()
    expect(next.states()).toEqual([])
    expect((await records()).sgd.state).toBe('interrupted')
  })

  it('of another tab are watched as they grow, and taken over when it is gone', async () => {
    const first = await new Tab().open()
    await ok(first.lab.start(ENDLESS))
    await until(() => (first.kept('sam')?.step ?? 0) >= 4, 'a checkpoint')
    const ids = [first.kept('sgd')!.id, first.kept('sam')!.id]
    const second = await new Tab().open()
    expect(second.ofType('offers')[0].offers[0]).toMatchObject({ elsewhere: true, ids })
    await ok(second.lab.open(ids))
    await second.inState('following')
    const seen = second.steps('sam').length
    await until(() => second.steps('sam').length > seen, 'more steps')
    expect(second.steps('sam')).toEqual(upTo(second.steps('sam').length))
    await first.kill()
    await first.lab.reset()
    await second.inState('interrupted')
    await ok(second.lab.continue())
    await second.inState('training')
    await ok(second.lab.stop())
    await second.inState('stopped')
  }, 30_000)

  it('stay as they were on a full disk, are said not to be kept, and training goes on', async () => {
    const tab = await new Tab().open()
    await ok(tab.lab.start(ENDLESS))
    await until(() => (tab.kept('sam')?.step ?? 0) >= 4, 'a checkpoint')
    files.refuse = new BasinError('storage-full', 'metrics.csv: no room', 'Free disk space.')
    await until(() => /do not fit/.test(tab.problem() ?? ''), 'the problem')
    files.refuse = undefined
    await ok(tab.lab.stop())
    await tab.inState('stopped')
    await until(async () => (await records()).sam.state === 'stopped', 'the record')
    const { sam } = await records()
    // A checkpoint that was written as the disk was full may have been followed by a record that was refused.
    const kept = await keptCheckpoints(files, `${sam.id}/`, sam.stepsPerEpoch)
    expect(sam.step).toBe(Math.max(...kept.map(({ step }) => step)))
    const { lines } = await (await RunDocument.open(files, `${sam.id}/`))!.curves()
    expect(lines.map(({ row }) => row.step)).toEqual(upTo(tab.steps('sam').length))
    expect(lines.length).toBeGreaterThan(sam.step)
  })

  it('are none where the browser keeps nothing, which is said in a line', async () => {
    files.refuse = new BasinError('storage', 'run.json: this browser lets the page keep nothing', '')
    const tab = await new Tab().open()
    await ok(tab.lab.start(config()))
    await tab.inState('finished')
    expect(tab.problem()).toBe(
      'Nothing of these runs is kept: run.json: this browser lets the page keep nothing.',
    )
    expect(tab.ofType('keeping').at(-1)?.news.runs).toEqual({})
  })

  it('open again without training: curves, weights, measures', async () => {
    const tab = await new Tab().open()
    await ok(tab.lab.start(config()))
    await tab.inState('finished')
    await until(() => tab.kept('sgd')?.step === 24 && tab.kept('sam')?.step === 24, 'both kept')
    const ids = [tab.kept('sgd')!.id, tab.kept('sam')!.id]
    const weights = async () => {
      const arrays = decodeNpz((await ok(tab.lab.exportWeights('sam', 'npz'))).bytes)
      arrays.delete('metadata.json')
      return arrays
    }
    const before = await weights()
    const measured = async (id: MeasureId) => {
      const info = MEASURE_INFOS.find((one) => one.id === id)!
      const settings = { ...DEFAULT_MEASURE_SETTINGS, points_1d: 5, num_images: 16 }
      await ok(tab.lab.measure(requestOf(info, settings)))
      return tab.ofType('measured').at(-1)!.news.progress.findings
    }
    const line = await measured('line')
    const path = await measured('interpolation')
    const packed = (await ok(tab.lab.packMeasure('line'))).bytes
    await ok(tab.lab.start(config({ run_seed: 9 })))
    await tab.inState('finished')
    await ok(tab.lab.open(ids))
    await until(() => tab.states().at(-2) === 'loading' && tab.states().at(-1) === 'finished', 'opened')
    expect(tab.steps('sam')).toEqual(upTo(24))
    expect(await weights()).toEqual(before)
    const found = (id: MeasureId) => tab.ofType('found').filter((one) => one.id === id)
    expect(found('line')).toMatchObject([{ step: 24, findings: line }])
    expect(found('interpolation')).toMatchObject([{ findings: path }])
    // Also as the file that it was; directions are not kept.
    const withoutVectors = (file: Uint8Array) =>
      new Map([...decodeNpz(file)].filter(([name]) => !/\/d\d?$/.test(name)))
    const again = (await ok(tab.lab.packMeasure('line'))).bytes
    expect([...withoutVectors(again).keys()]).toEqual([...withoutVectors(packed).keys()])
    const read = await ok(tab.lab.readMeasure('line.npz', packed))
    expect(read).toMatchObject({
      id: 'line',
      findings: line,
      runs: [{ key: 'sgd', step: 24 }, { key: 'sam' }],
    })
    const document = (await RunDocument.open(files, `${ids[0]}/`))!
    expect(document.record.measured).toEqual({ width: (line[0].values as { width?: number }).width })
    // One alone is a session too.
    await ok(tab.lab.open(ids.slice(1)))
    await until(() => tab.ofType('session').at(-1)?.info.runs.length === 1, 'one')
    expect(tab.ofType('session').at(-1)?.info.runs[0]).toMatchObject({
      label: 'SAM',
      config: { sam_rho: 0.2 },
    })
    await until(() => tab.states().at(-1) === 'finished' && found('line').length === 2, 'its slice')
    expect(found('line')[1].findings).toEqual([line[1]])
    // The line between two is not of one.
    expect(found('interpolation')).toHaveLength(1)
    expect(await tab.lab.packMeasure('surface')).toMatchObject({ ok: false, error: { code: 'unsupported' } })
    expect(await tab.lab.open(['nobody'])).toMatchObject({ ok: false, error: { code: 'file-format' } })
  })

  it('are forked: the child begins at the parent’s checkpoint, under other settings, and knows it', async () => {
    const tab = await new Tab().open()
    await ok(tab.lab.start(config({ additional_checkpoints_at_epochs: [] })))
    await tab.inState('finished')
    await until(() => tab.kept('sam')?.step === 24, 'kept')
    const parent = tab.kept('sam')!.id
    const [{ step }] = await keptCheckpoints(files, `${parent}/`, 4)
    const child = config({ runs: '', sam_rho: 0, num_epochs: 8 })
    expect(await tab.lab.fork(parent, 1, child)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/kept checkpoint \(.*24\), got step 1/) },
    })
    expect(await tab.lab.fork(parent, step, { ...child, batch_size: 8 })).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/^batch_size: as in the run that is forked \(16\), got 8/) },
    })
    await ok(tab.lab.fork(parent, step, child))
    await until(() => tab.states().at(-1) === 'finished' && tab.ofType('session').length === 2, 'the child')
    expect(tab.steps('sgd')).toEqual(upTo(32).slice(step))
    await until(async () => (await listRuns(files)).runs.some(({ record }) => record.parent), 'the record')
    const { runs } = await listRuns(files)
    expect(runs.find(({ record }) => record.parent)?.record.parent).toEqual({ id: parent, step })
  })

  it('have no checkpoints where there is no room for them, and old ones make room first', async () => {
    const tab = await new Tab().open()
    await ok(tab.lab.start(config()))
    await tab.inState('finished')
    await until(() => tab.kept('sgd')?.step === 24 && tab.kept('sam')?.step === 24, 'both kept')
    const old = await records()
    const before = await files.sizes('')
    const used = [...before.values()].reduce((sum, size) => sum + size, 0)
    room = { granted: 2 * used, used }
    await ok(tab.lab.start(config({ run_seed: 1 })))
    await tab.inState('finished')
    await until(
      () => tab.ofType('keeping').some(({ news }) => /checkpoints of old runs go/.test(news.note ?? '')),
      'it is said',
    )
    const left = async (run: RunKey) => (await files.keys(`${old[run].id}/checkpoints/`)).length
    // Which of the two is older is a matter of milliseconds.
    await until(async () => (await left('sgd')) === 0 || (await left('sam')) === 0, 'they go')
    for (const run of ['sgd', 'sam']) expect(await files.get(`${old[run].id}/metrics.csv`)).toBeDefined()
    room = { granted: 1000, used: 0 }
    await ok(tab.lab.start(config({ run_seed: 2 })))
    await tab.inState('finished')
    await until(() => /do not fit/.test(tab.problem() ?? ''), 'refused')
    const { id } = tab.kept('sgd')!
    expect(await files.keys(`${id}/checkpoints/`)).toEqual([])
    await until(async () => ((await files.get(`${id}/metrics.csv`))?.length ?? 0) > 200, 'curves')
  }, 30_000)
})
