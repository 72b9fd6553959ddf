/** The command line as a person starts it: a process, its exit code, what it says, what it leaves. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/cli.mjs', import.meta.url))
let parent: string

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'basin-'))
})
afterAll(() => rmSync(parent, { recursive: true }))

/** @param interruptAt Ctrl-C, twice as through npm, once the output holds this */
function basin(
  words: string[],
  interruptAt?: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    // npm tells where the person stands; paths are meant from there.
    const child = spawn(process.execPath, [SCRIPT, ...words], {
      env: { ...process.env, INIT_CWD: parent, ...env },
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
  const words = `train --device cpu --mlp_layers 4 --num_train_examples 320 --num_epochs ${epochs} --num_eval_examples 50 --output_dir out`
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
