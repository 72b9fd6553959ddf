import '@tensorflow/tfjs-backend-cpu'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POLICIES } from '../src/core/data/augment/policies'
import { decodeSafetensors, encodeSafetensors } from '../src/core/formats/safetensors'
import * as tf from '../src/engine/tf'
import { runConformance } from './run'

const GOLDENS = join(import.meta.dirname, 'goldens/augmentation')
let folder: string

beforeAll(async () => {
  await tf.setBackend('cpu')
  folder = await mkdtemp(join(tmpdir(), 'basin-augmentation-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function replay(path: string) {
  const lines: string[] = []
  const totals = await runConformance([path], { write: (line) => lines.push(line) })
  return { totals, lines }
}

const readJson = async (name: string) => JSON.parse(await readFile(join(GOLDENS, `${name}.json`), 'utf8'))
const readTensors = async (name: string) =>
  decodeSafetensors(new Uint8Array(await readFile(join(GOLDENS, `${name}.safetensors`)))).tensors

/** Writes a golden under a name that says nothing. */
async function write(name: string, json: unknown, tensors: Parameters<typeof encodeSafetensors>[0]) {
  await writeFile(join(folder, `${name}.json`), JSON.stringify(json))
  await writeFile(join(folder, `${name}.safetensors`), encodeSafetensors(tensors))
  return join(folder, `${name}.json`)
}

describe('augmentation goldens', () => {
  it.each([
    ['ops', 16],
    ['primitives', 12],
    ['policy_cifar', 1],
    ['policy_imagenet', 1],
    ['autoaugment_full', 24],
    ['randaugment_full', 16],
    ['weak_cutout_mixup_preprocess', 5],
    ['imagenet_preprocess', 5],
  ])('%s: %i cases, all equal', async (name, cases) => {
    const { totals, lines } = await replay(join(GOLDENS, `${name}.json`))
    expect(lines.filter((line) => !line.includes('  pass'))).toEqual([
      `${cases} cases, 0 failed, 0 unsupported`,
    ])
    expect(totals).toEqual({ cases, failed: 0, unsupported: 0 })
  })

  it.each(['ops', 'primitives', 'policy_cifar', 'autoaugment_full', 'randaugment_full'])(
    '%s: one pixel off by one is noticed',
    async (name) => {
      const tensors = new Map(await readTensors(name))
      const key = [...tensors.keys()].filter((candidate) => !candidate.startsWith('image')).at(-1)!
      const tensor = tensors.get(key)!
      const data = (tensor.data as Uint8Array).slice()
      data[1500] ^= 1
      tensors.set(key, { ...tensor, data })
      const { totals, lines } = await replay(await write('tampered', await readJson(name), tensors))
      expect(totals.failed).toBe(1)
      expect(lines.find((line) => line.includes('FAIL'))).toContain(key)
    },
  )

  it('a wrong draw is noticed', async () => {
    const { cases, ...json } = await readJson('autoaugment_full')
    const one = cases.find(({ name }: { name: string }) => name === 'autoaugment_full/cifar/7')
    // Its translation was not applied, so no sign was drawn.
    expect(one.draws.units[0]).toBeCloseTo(0.566, 3)
    const draws = { ...one.draws, units: [0.95, 0.9, one.draws.units[1]] }
    const tensors = await readTensors('autoaugment_full')
    const wrong = await write('draws', { ...json, cases: [{ ...one, draws }] }, tensors)
    expect((await replay(wrong)).totals.failed).toBe(1)
  })

  it('takes a policy that a golden brings along', async () => {
    const { cases, ...json } = await readJson('autoaugment_full')
    const own = { ...json, cases: [{ ...cases[0], policy: POLICIES.cifar }] }
    const path = await write('own', own, await readTensors('autoaugment_full'))
    expect((await replay(path)).totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
  })

  it('our tables are those of the goldens', async () => {
    for (const name of ['cifar', 'imagenet'] as const) {
      const path = join(import.meta.dirname, `reference/goldens/augmentation/policy_${name}.json`)
      const { records } = JSON.parse(await readFile(path, 'utf8'))
      expect(records.length).toBeGreaterThan(0)
      for (const { index, ops } of records) expect(POLICIES[name][index]).toEqual(ops)
    }
    expect(Object.values(POLICIES).map((policy) => policy.length)).toEqual([95, 25, 25])
  })
})
