/**
 * The command line as a person starts it: a process, its exit code, what it says, what it leaves. It is bundled once
 * for all; that the script of `npm run` bundles it and hands everything over, `summary` shows.
 */
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleCli } from '../../../scripts/bundleCli.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Below node_modules, so that what is not bundled is found. */
const bundle = join(root, `node_modules/.cache/basin/cli-test-${process.pid}`)
const SCRIPT = join(root, 'scripts/cli.mjs')
let parent: string
let main: string

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'basin-'))
  main = await bundleCli(root, bundle)
})
afterAll(() => {
  for (const folder of [parent, bundle]) rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  code: number | null
  output: string
}

/** @param interruptAt Ctrl-C, twice as through npm, once the output holds this */
function basin(
  words: string[],
  interruptAt?: string,
  env: NodeJS.ProcessEnv = {},
  script = main,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // npm tells where the person stands; paths are meant from there.
    const child = spawn(process.execPath, [script, ...words], {
      env: {
        ...process.env,
        BASIN_ROOT: script === main ? root : undefined,
        INIT_CWD: parent,
        BASIN_DATA: join(parent, 'data'),
        ...env,
      },
    })
    let output = ''
    let interrupted = false
    const take = (chunk: Buffer) => {
      output += chunk
      if (interruptAt === undefined || interrupted || !output.includes(interruptAt)) return
      interrupted = true
      child.kill('SIGINT')
      child.kill('SIGINT')
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

it('train: Ctrl-C saves and exits with 130, the same command continues, and then knows that it is done', {
  timeout: 120_000,
}, async () => {
  const epochs = 40
  const words = `train --preset first_visit --device cpu --mlp_layers 4 --num_train_examples 320 --num_epochs ${epochs} --num_eval_examples 50 --output_dir out`
  const first = await basin(words.split(' '), 'epoch 2/')
  expect(first.output).toContain('The same command continues.')
  expect(first.code).toBe(130)
  const run = join(parent, 'out/lr_0.02/wd_0.0/rho_0.2/seed_0')
  const [saved, ...others] = readdirSync(join(run, 'checkpoints'))
  expect(others).toEqual([])
  expect(saved).toMatch(/^checkpoint_\d+(_step_\d+)?\.safetensors$/)

  const second = await basin(words.split(' '))
  expect(second.output).toMatch(/continues at step \d+/)
  expect(second.output).toContain('sam  final  step 200/200')
  expect(second.code).toBe(0)
  expect(readdirSync(join(run, 'checkpoints'))).toContain('checkpoint_39.safetensors')

  const third = await basin(words.split(' '))
  expect(third.output).toMatch(/already finished, at step 200/)
  expect(third.code).toBe(0)

  const other = await basin([...words.split(' '), '--label_noise', '0.2'])
  expect(other.output).toContain('holds a run with label_noise 0.4, not 0.2')
  expect(other.code).toBe(1)
})

it('runs: a kept run is listed, goes out as a file, goes on from it, and is verified to the bit', {
  timeout: 240_000,
}, async () => {
  const words =
    'train --preset first_visit --device cpu --mlp_layers 4 --num_train_examples 320 --num_epochs 60 --num_eval_examples 50 --output_dir kept'
  expect((await basin(words.split(' '), 'epoch 2/')).code).toBe(130)
  const run = 'kept/lr_0.02/wd_0.0/rho_0.2/seed_0'

  const list = await basin(['runs', 'list', 'kept', '--json'])
  const [record] = JSON.parse(list.output)
  expect(record).toMatchObject({ folder: run, key: 'sam', state: 'interrupted', totalSteps: 300 })
  expect((await basin(['runs', 'list', 'kept', '--group'])).output).toContain('mlp_layers=4')
  expect((await basin(['runs', 'show', run])).output).toContain(record.name)

  await basin(['runs', 'export', run, '--output', 'files'])
  const [file] = readdirSync(join(parent, 'files'))
  const on = await basin(['train', '--device', 'cpu', '--continue', `files/${file}`, '--output_dir', 'on'])
  expect(on.output).toMatch(/continues at step \d+/)
  expect(on.code).toBe(0)
  const [imported] = JSON.parse((await basin(['runs', 'list', 'on', '--json'])).output)
  expect(imported).toMatchObject({ id: record.id, state: 'finished', step: 300 })

  // Continued in another place, it is the run that it would have been without a stop.
  const same = await basin(['train', '--device', 'cpu', '--verify', imported.folder])
  expect(same.output).toContain('The same to the bit in 300 steps, and so are the parameters.')
  expect(same.code).toBe(0)
  const metrics = join(parent, imported.folder, 'metrics.csv')
  const lines = readFileSync(metrics, 'utf8').split('\n')
  const fields = lines[7].split(',')
  fields[2] = '1.5'
  lines[7] = fields.join(',')
  writeFileSync(metrics, lines.join('\n'))
  const other = await basin(['train', '--device', 'cpu', '--verify', imported.folder])
  expect(other.output).toContain('Differs at step 7: loss 1.5, now ')
  expect(other.code).toBe(1)

  expect((await basin(['train', '--verify', run, '--sam_rho', '1'])).output).toContain(
    'with the kept run’s own settings',
  )
  await basin(['runs', 'rm', imported.folder])
  expect((await basin(['runs', 'list', 'on'])).output).toContain('No runs here.')
})

it('train: what cannot be trained leaves nothing, and says what to do', { timeout: 120_000 }, async () => {
  const without = await basin(['train', '--device', 'cpu', '--output_dir', 'refused'])
  expect(without.output).toContain('dataset: one that is here, got cifar10')
  expect(without.output).toContain('Get cifar-10-binary.tar.gz (https://www.cs.toronto.edu/~kriz/cifar.html)')
  expect(without.code).toBe(1)
  const small = '--preset first_visit --device cpu --mlp_layers 4 --num_train_examples 64 --num_epochs 1'
  const words = ['train', ...small.split(' '), '--num_final_eval_examples', '50', '--output_dir', 'refused']
  const misspelt = await basin([...words, '--dataset', 'fashon_mnist'])
  expect(misspelt.output).toContain('dataset: one that is here, got fashon_mnist')
  expect(existsSync(join(parent, 'refused'))).toBe(false)
  const corrected = await basin(words)
  expect(corrected.output).toContain('Finished: ')
  expect(corrected.code).toBe(0)
})

it.skipIf(!existsSync('/proc/self'))(
  'train: a folder that cannot be made is an error at once',
  { timeout: 60_000 },
  async () => {
    const { code, output } = await basin(
      'train --preset first_visit --device cpu --output_dir /proc/x'.split(' '),
    )
    expect(output).toMatch(/error: \/proc\/x\/lr_0.02.*: no such folder can be made there/)
    expect(output).not.toContain('Device:')
    expect(code).toBe(1)
  },
)

it('export: lists several runs, and takes the one that is named', { timeout: 60_000 }, async () => {
  const runs = join(parent, 'runs')
  for (const name of ['one', 'two']) {
    const to = join(runs, name, 'checkpoints/checkpoint_3')
    cpSync(join(root, 'conformance/goldens/checkpoints/tiny_momentum/checkpoint_3'), to)
  }
  const several = await basin(['export', 'runs', '--format', 'npz', '--output', 'w.npz'])
  expect(several.output).toContain(
    `error: ${runs}: one run, got 2:\n  one\n  two\nGive the path of one of them.`,
  )
  expect(existsSync(join(parent, 'w.npz'))).toBe(false)
  const one = await basin(['export', 'runs/two', '--format', 'npz', '--output', 'w.npz'])
  expect(one.output).toContain(join(parent, 'w.npz'))
  writeFileSync(join(parent, 'notes.txt'), 'lr 0.1 was best')
  const notes = await basin(['export', 'notes.txt', '--output', 'n'])
  expect(notes.output).toContain(
    'notes.txt: a weight file (safetensors, .npz or a Flax checkpoint), got one that',
  )
})

it('summary, by the script: needs no data set for the images of a network’s paper', {
  timeout: 60_000,
}, async () => {
  const { code, output } = await basin(['summary', '--blocks'], undefined, {}, SCRIPT)
  expect(output).toContain('WideResnet28x10: ')
  expect(output).toContain('images 32 × 32 × 3, 10 classes')
  expect(code).toBe(0)
})

it('conformance: a path that is not there is an error', { timeout: 60_000 }, async () => {
  const { code, output } = await basin(['conformance', 'nowhere'])
  expect(output).toContain(join(parent, 'nowhere'))
  expect(code).toBe(1)
})

it('data: a damaged set is listed, fails its check and is removed with what it left', {
  timeout: 60_000,
}, async () => {
  const data = join(parent, 'data')
  mkdirSync(join(data, 'dataset'), { recursive: true })
  mkdirSync(join(data, 'import/cut'), { recursive: true })
  writeFileSync(join(data, 'dataset/mine'), '{"format":')
  writeFileSync(join(data, 'import/cut/train-0-00000.bin'), 'pixels')
  const inData = (words: string[]) => basin(['data', ...words], undefined, { BASIN_DATA: data })
  const listed = await inData(['list'])
  expect(listed.output).toMatch(/mine: damaged\n.*cannot be read\n.*data -- remove mine/)
  expect(listed.code).toBe(0)
  const verified = await inData(['verify'])
  expect(verified.output).toMatch(/mine: the record of this data set cannot be read/)
  expect(verified.code).toBe(1)
  expect((await inData(['remove', 'mine', '--yes'])).output).toContain('mine: deleted')
  expect(readdirSync(data, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())).toEqual(
    [],
  )
})

it('data: lists the bundled sets with their folders', { timeout: 60_000 }, async () => {
  const { code, output } = await basin(['data', 'list'])
  expect(output).toMatch(
    /fashion_mnist: Fashion-MNIST\n.*60000 training and 10000 test images, 28 × 28 × 1\n/,
  )
  expect(code).toBe(0)
})

it('data: names its subcommands where a word is none of them', { timeout: 60_000 }, async () => {
  const { code, output } = await basin(['data', 'nosuch'])
  expect(output).toContain('error: data: one of list, path, import, verify, remove, fetch, got nosuch')
  expect(code).toBe(1)
  const extra = await basin(['data', 'list', 'nosuch'])
  expect(extra.output).toContain('too many arguments')
  expect((await basin(['data'])).output).toContain('fashion_mnist: Fashion-MNIST')
})
