/** What the terminal measures of files is what the page measures of the session that they were saved from. */
import '@tensorflow/tfjs-backend-cpu'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { decodeNpz } from '../../core/formats/npz'
import { MEASURES } from '../../core/landscape/measures'
import { curvature } from '../../core/landscape/measures/curvature'
import { DEFAULT_MEASURE_SETTINGS, MEASURE_INFOS } from '../../core/landscape/measures/info'
import { interpolation } from '../../core/landscape/measures/interpolation'
import { line } from '../../core/landscape/measures/line'
import type { Finding, Measure } from '../../core/landscape/measures/measure'
import { requestOf } from '../../core/landscape/measures/request'
import { Session } from '../../core/session/session'
import { syntheticDataset } from '../../core/session/synthetic.testing'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { weightsOf } from '../../worker/keptWeights'
import { runMeasure } from '../../worker/lab/measureRunner'
import { packWeights } from '../../worker/lab/weightFiles'
import { closeRuns, openRuns, readRuns } from './measuredRuns'
import { measureFiles, summaryLines } from './measureFiles'

const dataset = syntheticDataset({ size: 8, noise: 0.25 })
/** Batch norm and an average: statistics and the averaged weights count. */
const config: RunConfig = {
  ...DEFAULT_CONFIG,
  runs: 'sam_rho:0;',
  model_name: 'cnn_small',
  cnn_channels: '3,4',
  cnn_dense: 6,
  batch_size: 16,
  num_epochs: 2,
  ema_decay: 0.5,
  label_smoothing: 0.1,
}
/** Of every measure a small one. */
const settings = {
  ...DEFAULT_MEASURE_SETTINGS,
  points_1d: 5,
  points_2d: 3,
  num_images: 24,
  eigenvalues: 2,
  residual: 0.01,
  trace_probes: 2,
  spectrum_steps: 5,
  spectrum_probes: 2,
  // A Flax file does not say what the run's own is.
  plane_rho: 0.1,
  plane_points: 3,
  bend_steps: 4,
}
let folder: string
let session: Session
/** The page's findings by measure. */
const onPage = new Map<string, Finding[]>()

beforeAll(async () => {
  await initBackend('cpu')
  folder = mkdtempSync(join(tmpdir(), 'basin-'))
  session = new Session({ config, dataset })
  await session.train()
  for (const info of MEASURE_INFOS.filter(({ id }) => id !== 'rescaling')) {
    const request = requestOf(info, settings)
    const onNews = ({ progress }: { progress: { findings: Finding[] } }) =>
      onPage.set(info.id, progress.findings)
    await runMeasure(session, request, { onNews }, new AbortController().signal)
  }
  for (const key of ['sgd', 'sam']) {
    for (const format of ['safetensors', 'npz', 'flax'] as const) {
      const { bytes } = packWeights(await weightsOf(session, key), format)
      writeFileSync(join(folder, `${key}.${format}`), bytes)
    }
  }
})
afterAll(() => {
  session?.dispose()
  rmSync(folder, { recursive: true })
})

async function measured(measure: Measure, files: readonly string[], fallback = DEFAULT_CONFIG) {
  const read = await readRuns(
    files.map((file) => join(folder, file)),
    fallback,
  )
  const runs = await openRuns(read, async () => dataset)
  try {
    const info = MEASURE_INFOS.find(({ id }) => id === measure.id)!
    const request = requestOf(info, settings)
    const { findings } = await measure.compute({ runs, settings: request.settings, onProgress() {} })
    return { read, findings, settings: request.settings as Record<string, unknown> }
  } finally {
    closeRuns(runs)
  }
}

/** Without the words, in which runs have names. */
const numbersOf = ({ values }: Finding) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => !Array.isArray(value)))

describe('runs from files', () => {
  // Eigenvalues are looked for until the host has read that they are found, which is sooner or later by some products.
  const repeatable = (MEASURES as readonly Measure[]).filter(
    // Batch norm cannot be rescaled.
    ({ id }) => id !== 'curvature' && id !== 'rescaling',
  )

  it.each(repeatable)('have the page’s $id to the bit, whatever the format', async (measure) => {
    const before = tf.memory().numTensors
    const expected = onPage.get(measure.id)!
    const { findings } = await measured(measure, ['sgd.safetensors', 'sam.npz'])
    expect(findings).toEqual(expected)
    // A Flax file has no settings: the flags say them, and of its runs nothing tells SGD from SAM.
    const flax = await measured(measure, ['sgd.flax', 'sam.flax'], config)
    expect(flax.findings.map(numbersOf)).toEqual(expected.map(numbersOf))
    expect(flax.findings.flatMap(({ runs }) => runs)).toEqual(['run', 'run2'])
    expect(tf.memory().numTensors).toBe(before)
  })

  it('have the page’s eigenvalues', async () => {
    const measure: Measure = curvature
    const { findings } = await measured(measure, ['sgd.safetensors', 'sam.npz'])
    findings.forEach(({ values }, r) => {
      const expected = onPage.get('curvature')![r].values
      const [largest] = expected.eigenvalue as Float64Array
      for (const name of ['loss', 'gradient_norm', 'smallest', 'images']) {
        expect(Math.abs((values[name] as number) - (expected[name] as number))).toBeLessThan(1e-5 * largest)
      }
      ;(values.eigenvalue as Float64Array).forEach((value, i) => {
        expect(Math.abs(value - (expected.eigenvalue as Float64Array)[i])).toBeLessThan(1e-2 * largest)
      })
    })
  })

  it('of a run’s folder that holds the reference’s files alone have its settings', async () => {
    const run = join(folder, 'run/checkpoints')
    mkdirSync(run, { recursive: true })
    writeFileSync(join(folder, 'run/config.json'), JSON.stringify({ ...config, runs: '' }))
    writeFileSync(join(run, 'checkpoint_1'), packWeights(await weightsOf(session, 'sam'), 'flax').bytes)
    const { read, findings } = await measured(line, ['run'])
    expect(read).toMatchObject([{ key: 'sam', step: 8 }])
    expect(findings[0].values.loss).toEqual(onPage.get('line')![1].values.loss)
    writeFileSync(join(folder, 'run/config.json'), '{')
    await expect(measured(line, ['run'])).rejects.toMatchObject({
      code: 'file-format',
      message: expect.stringMatching(/config\.json: not JSON/),
    })
  })

  it('are refused in words where they are damaged or do not fit', async () => {
    writeFileSync(join(folder, 'text.safetensors'), 'these are no weights')
    await expect(measured(line, ['text.safetensors'])).rejects.toMatchObject({
      code: 'file-format',
      message: expect.stringMatching(/text\.safetensors: a weight file .*, got one that begins with/),
    })
    await expect(measured(line, ['none.npz'])).rejects.toMatchObject({ code: 'file-format' })
    await expect(measured(line, ['sam.flax'])).rejects.toMatchObject({
      code: 'tensor-mismatch',
      message: expect.stringMatching(/sam\.flax: does not fit mlp/),
    })
    const wide = { ...config, cnn_dense: 7 }
    await expect(measured(line, ['sgd.safetensors', 'sam.flax'], wide)).rejects.toMatchObject({
      message: expect.stringMatching(/mis-shaped/),
    })
  })

  it('of two networks have lines of their own, and none between them', async () => {
    const other = new Session({
      config: { ...config, runs: '', cnn_dense: 5, num_epochs: 1 },
      dataset,
    })
    const { bytes } = packWeights(await weightsOf(other, 'sam'), 'safetensors')
    writeFileSync(join(folder, 'other.safetensors'), bytes)
    other.dispose()
    const files = ['sam.safetensors', 'other.safetensors']
    const { findings } = await measured(line, files)
    expect(findings.map(({ runs }) => runs)).toEqual([['sam'], ['sam2']])
    expect(findings[0].values.loss).toEqual(onPage.get('line')![1].values.loss)
    // The level is that of both: their data are the same.
    expect(findings[0].values.level).toBe(findings[1].values.level)
    await expect(measured(interpolation, files)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /^interpolation: two runs of one network, got cnn_small of \d+ parameters and/,
      ),
    })
  })

  it('become files that say what they were computed with, and a summary', async () => {
    const measure: Measure = line
    const { read, findings, settings } = await measured(measure, ['sgd.safetensors', 'sam.npz'])
    const report = { measure, settings, device: 'cpu', runs: read, findings, cancelled: false }
    const files = measureFiles(report)
    expect([...files.keys()]).toEqual([
      'line.npz',
      'line.csv',
      'line_direction.csv',
      'line_mark.csv',
      'line_numbers.csv',
    ])
    expect(String(files.get('line.csv')).split('\n')).toHaveLength(1 + 10 + 1)
    const arrays = decodeNpz(files.get('line.npz') as Uint8Array)
    expect(arrays.get('sam/loss')?.data).toEqual(findings[1].values.loss)
    const metadata = JSON.parse(new TextDecoder().decode(arrays.get('metadata.json')?.data as Uint8Array))
    expect(metadata).toMatchObject({
      measure: 'line',
      settings: { points_1d: 5, num_images: 24 },
      device: 'cpu',
      runs: [
        { key: 'sgd', step: 8, tensors_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { key: 'sam' },
      ],
    })
    expect(summaryLines(measure, findings)[0]).toMatch(/^sgd {2}loss {2}([\d.]+(, |$)){5}/)
  })
})
