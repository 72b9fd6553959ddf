import '@tensorflow/tfjs-backend-cpu'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/core/formats/safetensors'
import { initBackend } from '../../src/engine/backend'
import * as tf from '../../src/engine/tf'
import { runConformance } from './conformance'

const GOLDENS = join(import.meta.dirname, '../goldens')
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

  it('knows a kind by its fields: one case under another name, fewer steps', async () => {
    const json = await readShippedJson('train_smooth_1rep')
    const tensors = await readShippedTensors('train_smooth_1rep')
    const golden = json.cases['sam0.05']
    const kept = new Map(
      [...tensors]
        .filter(([key]) => key === 'images' || key === 'labels' || key.startsWith('sam0.05/'))
        .map(([key, tensor]) => [key.replace('sam0.05/', 'anything/'), tensor] as const),
    )
    const one = { ...golden, per_step: golden.per_step.slice(0, 3) }
    const path = await write('xyz', { what: 'weight decay 0.01', cases: { anything: one } }, kept)
    const { totals, lines } = await replay(path)
    expect(lines[0]).toMatch(/^train_smooth +xyz\/anything .* pass/)
    expect(totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
  })

  it('fails a case whose numbers are wrong, and names the place', async () => {
    const json = await readShippedJson('train_smooth_1rep')
    const tensors = await readShippedTensors('train_smooth_1rep')
    const kernel = tensors.get('sgd/params/conv/kernel')!.data as Float32Array
    kernel[700] += 1e-5
    const path = await write('tampered', { ...json, cases: { sgd: json.cases.sgd } }, tensors)
    const { totals, lines } = await replay(path)
    expect(totals).toEqual({ cases: 1, failed: 1, unsupported: 0 })
    expect(lines[0]).toMatch(/largest deviation 1\.\de-5 \(step 5\/params\/conv\/kernel\).*FAIL/)
  })

  it.each([
    ['sam_rho', 0.06],
    ['label_smoothing', 0.01],
    ['no_weight_decay_on_bn', true],
    ['gradient_clipping', 0.4],
    ['use_rmsprop', true],
  ])('would notice a wrong %s', async (flag, value) => {
    const json = await readShippedJson('train_smooth_1rep')
    const golden = json.cases['sam0.05']
    const wrong = { ...golden, flags: { ...golden.flags, [flag]: value } }
    const tensors = await readShippedTensors('train_smooth_1rep')
    const path = await write('wrong', { ...json, cases: { 'sam0.05': wrong } }, tensors)
    expect((await replay(path)).totals.failed).toBe(1)
  })

  it.each([
    ['sync_perturbations', true],
    ['sam_rho', 0.1],
  ])('would notice a wrong %s with two replicas', async (flag, value) => {
    const json = await readShippedJson('train_smooth_2rep')
    const golden = json.cases['2rep_sam0.2_nosync']
    const wrong = { ...golden, flags: { ...golden.flags, [flag]: value } }
    const tensors = await readShippedTensors('train_smooth_2rep')
    const path = await write('wrong2', { ...json, cases: { '2rep_sam0.2_nosync': wrong } }, tensors)
    expect((await replay(path)).totals.failed).toBe(1)
  })

  it('would notice draws that were not used', async () => {
    const json = await readShippedJson('forward/shakeshake_mini_train_draws')
    const { true_gradient_False: kept, true_gradient_True: _, ...rest } = json
    const tensors = await readShippedTensors('forward/shakeshake_mini_train_draws')
    const gate = tensors.get('true_gradient_False/draw03_uniform')!.data as Float32Array
    gate[0] = 1 - gate[0]
    const path = await write('gate', { ...rest, true_gradient_False: kept }, tensors)
    expect((await replay(path)).totals).toEqual({ cases: 1, failed: 1, unsupported: 0 })
  }, 300_000)

  it('takes schedules of any length, single or in a list', async () => {
    const steps = [0, 3, 7]
    const lr = steps.map((step) => 0.3 * (0.5 + 0.5 * Math.cos((Math.PI * step) / (7 * 2))))
    const fields = {
      num_epochs: 7,
      learning_rate: 0.3,
      num_training_obs: 21,
      batch_size: 10,
      steps_per_epoch: 2,
    }
    const path = await write('s', { kind: 'cosine', ...fields, steps, lr })
    expect((await replay(path)).totals).toEqual({ cases: 1, failed: 0, unsupported: 0 })
    const wrong = await write('t', [{ kind: 'cosine', ...fields, steps, lr: [0.3, 0.3, 0.3] }])
    expect((await replay(wrong)).totals.failed).toBe(1)
  })

  it('says why a case is unsupported', async () => {
    const json = await readShippedJson('forward/pyramid_mini_train_draws')
    const tensors = await readShippedTensors('forward/pyramid_mini_train_draws')
    const two = await write('two', { ...json, model: 'Densenet121' }, tensors)
    const odd = await write('odd', { something: 1 })
    const { totals, lines } = await replay(two, odd)
    expect(totals).toEqual({ cases: 2, failed: 0, unsupported: 2 })
    expect(lines[0]).toContain('unsupported: model Densenet121')
    expect(lines[1]).toContain('unsupported: no replay for fields something')
  })

  it('does not count the files that others share', async () => {
    const { totals } = await replay(shipped('train/common.safetensors'))
    expect(totals.cases).toBe(0)
  })

  it('refuses a path that is not there', async () => {
    await expect(replay(join(folder, 'nowhere'))).rejects.toThrow(/nowhere/)
  })
})
