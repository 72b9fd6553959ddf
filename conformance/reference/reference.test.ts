import '@tensorflow/tfjs-backend-cpu'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POLICIES } from '../../src/core/data/augment/policies'
import { decodeSafetensors, encodeSafetensors } from '../../src/core/formats/safetensors'
import { initBackend } from '../../src/engine/backend'
import { onWasm } from '../../src/engine/wasm.testing'
import { basesIn, readStored } from '../files'
import { FORMAT, type Golden } from '../golden'
import { runConformance } from '../run'
import { translationOf } from './reference'

/** The reference's own .json files; their tensors are those of the explicit goldens made from them. */
const REFERENCE = join(import.meta.dirname, 'goldens')
const GOLDENS = join(import.meta.dirname, '../goldens')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basin-reference-'))
  await cp(GOLDENS, folder, { recursive: true })
  await cp(REFERENCE, folder, { recursive: true })
})
afterAll(() => rm(folder, { recursive: true }))

const names = (await basesIn(REFERENCE, true)).map((base) => relative(REFERENCE, base))

/** A golden's file: a line a case. */
function goldenText({ cases, ...head }: Golden): string {
  const start = JSON.stringify({ format: FORMAT, ...head }).slice(0, -1)
  return `${start},"cases":[\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`
}

// `npx vitest run -u` on this file writes the explicit goldens anew.
it.each(names)('translates %s', async (name) => {
  const golden = await translationOf(await readStored(join(folder, name)))!.golden()
  await expect(goldenText(golden)).toMatchFileSnapshot(join(GOLDENS, `${name}.json`))
})

async function replay(...paths: string[]) {
  const lines: string[] = []
  const totals = await runConformance(paths, { write: (line) => lines.push(line) })
  return { totals, lines }
}

const readJson = async (name: string) => JSON.parse(await readFile(join(REFERENCE, `${name}.json`), 'utf8'))
const readTensors = async (name: string) =>
  decodeSafetensors(new Uint8Array(await readFile(join(GOLDENS, `${name}.safetensors`)))).tensors

/** Writes a golden under a name that says nothing. */
async function write(name: string, json: unknown, tensors?: Parameters<typeof encodeSafetensors>[0]) {
  const path = join(folder, 'unseen', name)
  await mkdir(join(folder, 'unseen'), { recursive: true })
  await writeFile(`${path}.json`, JSON.stringify(json))
  if (tensors) await writeFile(`${path}.safetensors`, encodeSafetensors(tensors))
  return `${path}.json`
}

describe('cases that nobody has seen', () => {
  beforeAll(() => initBackend('cpu'))

  it('a kind is known by its fields: one case under another name, fewer steps', async () => {
    const golden = (await readJson('train_smooth_1rep')).cases['sam0.05']
    const kept = [...(await readTensors('train_smooth_1rep'))]
      .filter(([key]) => key === 'images' || key === 'labels' || key.startsWith('sam0.05/'))
      .map(([key, tensor]) => [key.replace('sam0.05/', 'anything/'), tensor] as const)
    const one = { ...golden, per_step: golden.per_step.slice(0, 3) }
    const json = { what: 'weight decay 0.01', cases: { anything: one } }
    const { totals, lines } = await replay(await write('xyz', json, new Map(kept)))
    expect(lines[0]).toMatch(/^train_smooth +xyz\/anything .* pass/)
    expect(totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
  })

  it('variants: a window on another method, of a longer run', async () => {
    const raw = await readJson('variants')
    const { flags } = raw.cases.asam
    // While no method is on, all of them are SGD.
    const steps = (await readJson('train_smooth_1rep')).cases.sgd.per_step
    const one = { flags: { ...flags, sam_from: 0.9 }, per_step: steps }
    const images = [...(await readTensors('train_smooth_1rep'))]
      .filter(([key]) => key === 'images' || key === 'labels' || key.startsWith('sgd/'))
      .map(([key, tensor]) => [key.replace('sgd/', 'late asam/'), tensor] as const)
    const path = await write(
      'late',
      { ...raw, total_steps: 100, cases: { 'late asam': one } },
      new Map(images),
    )
    const { totals, lines } = await replay(path)
    expect(lines[0]).toMatch(/^variant_step +late\/late asam .* pass/)
    expect(totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
  })

  it('schedules of any length, single or in a list', async () => {
    const steps = [0, 3, 7]
    const lr = steps.map((step) => 0.3 * (0.5 + 0.5 * Math.cos((Math.PI * step) / (7 * 2))))
    const sizes = { num_training_obs: 21, batch_size: 10, steps_per_epoch: 2 }
    const fields = { kind: 'cosine', num_epochs: 7, learning_rate: 0.3, ...sizes, steps }
    expect((await replay(await write('s', { ...fields, lr }))).totals.failed).toBe(0)
    expect((await replay(await write('t', [{ ...fields, lr: [0.3, 0.3, 0.3] }]))).totals.failed).toBe(1)
  })

  it('a policy that a golden brings along, under any name; ours must exist', async () => {
    const [first] = (await readJson('augmentation/autoaugment_full')).records
    const tensors = await readTensors('augmentation/autoaugment_full')
    const own = new Map([
      ['image1', tensors.get('image1')!],
      ['mine/0', tensors.get(first.key)!],
    ])
    const record = { ...first, key: 'mine/0', policy: POLICIES.cifar }
    const { totals } = await replay(await write('own', { records: [record] }, own))
    expect(totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
    const other = await write('other', { records: [{ ...first, key: 'mine/0' }] }, own)
    expect((await replay(other)).lines[0]).toMatch(/^autoaugment +other +unsupported: policy mine$/)
  })

  it('says why one is unsupported', async () => {
    const json = await readJson('forward/pyramid_mini_train_draws')
    const tensors = await readTensors('forward/pyramid_mini_train_draws')
    const two = await write('two', { ...json, model: 'Densenet121' }, tensors)
    const odd = await write('odd', { something: 1 })
    const step = await readJson('train_smooth_1rep')
    step.cases.sgd.flags.sharpness = 2
    const flag = await write(
      'flag',
      { ...step, cases: { sgd: step.cases.sgd } },
      await readTensors('train_smooth_1rep'),
    )
    const { totals, lines } = await replay(two, odd, flag)
    expect(totals).toEqual({ cases: 3, failed: 0, unsupported: 3 })
    expect(lines[0]).toContain('unsupported: model Densenet121')
    expect(lines[1]).toContain('unsupported: no replay for fields something')
    expect(lines[2]).toContain('unsupported: flag sharpness = 2')
  })

  it('finds what stands in other files: weights, batches, flags', async () => {
    const { totals } = await replay(join(folder, 'train/a_sgd.json'))
    expect(totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
  }, 300_000)
})

describe('in WebAssembly, where a Wide ResNet is no matter of minutes', () => {
  onWasm()
  it('a folder of trajectories is within the same bounds', async () => {
    const { totals } = await replay(join(folder, 'train'))
    expect(totals).toEqual({ cases: 3, failed: 0, unsupported: 0 })
  })
})
