import '@tensorflow/tfjs-backend-cpu'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../src/core/formats/safetensors'
import { initBackend } from '../src/engine/backend'
import * as tf from '../src/engine/tf'
import type { GoldenCase } from './golden'
import { runConformance } from './run'

const GOLDENS = join(import.meta.dirname, 'goldens')
let folder: string

beforeAll(async () => {
  await initBackend('cpu')
  folder = await mkdtemp(join(tmpdir(), 'basin-conformance-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function replay(...paths: string[]) {
  const lines: string[] = []
  const totals = await runConformance(paths, { write: (line) => lines.push(line) })
  return { totals, lines }
}

const shipped = (name: string) => join(GOLDENS, name)
const readShippedJson = async (name: string) => JSON.parse(await readFile(shipped(`${name}.json`), 'utf8'))
const readShippedTensors = async (name: string) =>
  decodeSafetensors(new Uint8Array(await readFile(shipped(`${name}.safetensors`)))).tensors

/** Writes a golden under a name that says nothing. */
async function write(name: string, json: unknown, tensors?: Parameters<typeof encodeSafetensors>[0]) {
  await writeFile(join(folder, `${name}.json`), JSON.stringify(json))
  if (tensors) await writeFile(join(folder, `${name}.safetensors`), encodeSafetensors(tensors))
  return join(folder, `${name}.json`)
}

describe('conformance', () => {
  it.each([
    ['train_smooth_1rep.json', 5],
    ['train_smooth_2rep.json', 2],
    ['variants.json', 10],
    ['layers.json', 60],
    ['layers_sync.json', 3],
    ['architectures.json', 7],
    ['losses.json', 1],
    ['optimizers.safetensors', 2],
    ['lr_schedules.json', 9],
    ['ema_decay.json', 1],
    ['train_loop_linear.json', 7],
    ['forward/wrn_mini_28x28x1.json', 1],
    ['forward/shakeshake_mini_train_draws.json', 2],
    ['forward/pyramid_mini_train_draws.json', 2],
    ['checkpoints/tiny_momentum.json', 1],
    ['checkpoints/tiny_rmsprop_ema.json', 1],
    ['checkpoints/wrn_mini_expected.json', 1],
    ['checkpoints/efficientnet_b0_layout.json', 1],
    ['curvature/mlp_8.json', 2],
    ['curvature/edges.json', 22],
  ])(
    'replays %s',
    async (name, cases) => {
      const before = tf.memory().numTensors
      const { totals, lines } = await replay(shipped(name))
      expect(lines.filter((line) => !/ {2}pass/.test(line))).toEqual([
        `${cases} cases, 0 failed, 0 unsupported`,
      ])
      expect(totals).toEqual({ cases, failed: 0, unsupported: 0 })
      expect(tf.memory().numTensors).toBe(before)
      // The forward golden convolves in plain JavaScript: seconds alone, minutes beside other work.
    },
    300_000,
  )

  /** The case `name` of a shipped golden alone, changed, under a name that says nothing. */
  async function replayChanged(
    golden: string,
    name: string,
    change: { fields?: (one: GoldenCase) => object; tensor?: string; at?: number; by?: number },
  ) {
    const { cases, ...json } = await readShippedJson(golden)
    const one = cases.find((candidate: GoldenCase) => candidate.name === name)
    const others = cases.filter((candidate: GoldenCase) => candidate !== one)
    const tensors = new Map(
      [...(await readShippedTensors(golden))].filter(
        ([key]) => !others.some((other: GoldenCase) => key.startsWith(other.tensors!)),
      ),
    )
    if (change.tensor) (tensors.get(change.tensor)!.data as Float32Array)[change.at!] += change.by!
    const changed = { ...json, cases: [{ ...one, ...change.fields?.(one) }] }
    return replay(await write('changed', changed, tensors))
  }

  it('fails a case whose numbers are wrong, and names the place', async () => {
    const change = { tensor: 'sgd/params/conv/kernel', at: 700, by: 1e-5 }
    const { totals, lines } = await replayChanged('train_smooth_1rep', 'train_smooth_1rep/sgd', change)
    expect(totals).toEqual({ cases: 1, failed: 1, unsupported: 0 })
    expect(lines[0]).toMatch(/largest deviation 1\.\de-5 \(step 5\/params\/conv\/kernel\).*FAIL/)
  })

  it.each([
    ['train_smooth_1rep', 'sam0.05', 'sam_rho', 0.06],
    ['train_smooth_1rep', 'sam0.05', 'label_smoothing', 0.01],
    ['train_smooth_1rep', 'sam0.05', 'no_weight_decay_on_bn', true],
    ['train_smooth_1rep', 'sam0.05', 'gradient_clipping', 0.4],
    ['train_smooth_1rep', 'sam0.05', 'use_rmsprop', true],
    ['train_smooth_2rep', '2rep_sam0.2_nosync', 'sync_perturbations', true],
    ['train_smooth_2rep', '2rep_sam0.2_nosync', 'sam_rho', 0.1],
    ['variants', 'asam', 'asam_eta', 0.02],
    ['variants', 'asam', 'sam_variant', 'sam'],
    ['variants', 'gsam', 'gsam_alpha', 0.41],
    ['variants', 'gsam', 'gsam_rho_min', 0.06],
    ['variants', 'gsam_clip0.3', 'gradient_clipping', 0.31],
    ['variants', 'friendly', 'fsam_lambda', 0.8],
    ['variants', 'friendly_sigma0.5', 'fsam_sigma', 0.51],
    ['variants', 'look3', 'look_every', 4],
    ['variants', 'look3', 'look_alpha', 0.71],
    ['variants', 'norm_only', 'sam_variant', 'sam'],
    ['variants', 'nstep2', 'sam_steps', 3],
    ['variants', 'nstep2', 'sam_step_size', 0.7],
    ['variants', 'late', 'sam_from', 0.26],
    ['variants', 'late_fraction', 'sam_until', 0.8],
  ])('%s/%s: would notice a wrong %s', async (golden, name, setting, value) => {
    const fields = ({ settings }: GoldenCase) => ({ settings: { ...(settings as object), [setting]: value } })
    const { totals } = await replayChanged(golden, `${golden}/${name}`, { fields })
    expect(totals).toEqual({ cases: 1, failed: 1, unsupported: 0 })
  })

  it('would notice draws that were not used', async () => {
    const name = 'shakeshake_mini_train_draws'
    const change = { tensor: 'true_gradient_False/draw03_uniform', at: 0, by: 0.3 }
    const { totals } = await replayChanged(`forward/${name}`, `${name}/true_gradient_False`, change)
    expect(totals).toEqual({ cases: 1, failed: 1, unsupported: 0 })
  }, 300_000)

  it('guesses nothing: a field that is missing, unknown or out of its range fails', async () => {
    const json = await readShippedJson('lr_schedules')
    const [{ steps_per_epoch: _, ...without }, second] = json.cases
    const more = { ...second, name: 'more', lambda: 1 }
    const odd = { ...second, name: 'odd', learning_rate: 'fast' }
    const path = await write('fields', { ...json, cases: [without, more, odd] })
    const { totals, lines } = await replay(path)
    expect(totals).toEqual({ cases: 3, failed: 3, unsupported: 0 })
    expect(lines[0]).toMatch(/ steps_per_epoch: .*FAIL$/)
    expect(lines[1]).toMatch(/ fields: .*"lambda".*FAIL$/)
    expect(lines[2]).toMatch(/ learning_rate: .*FAIL$/)
    const kind = await write('kind', { ...json, kind: 'other' })
    expect((await replay(kind)).lines[0]).toMatch(/^unknown +kind +unsupported: no replay for kind other$/)
  })

  it('does not count the files that others share', async () => {
    const { totals } = await replay(shipped('train/common.safetensors'))
    expect(totals.cases).toBe(0)
  })

  it('refuses a path that is not there', async () => {
    await expect(replay(join(folder, 'nowhere'))).rejects.toThrow(/nowhere/)
  })
})
