import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { describe, expect, it } from 'vitest'
import { newestPath } from './newestCheckpoint'
import { openWeightFile } from './weightArchive'
import { decodeWeights } from './weights'

const real = new Uint8Array(
  readFileSync(
    join(import.meta.dirname, '../../../conformance/goldens/checkpoints/tiny_rmsprop_ema/checkpoint_3'),
  ),
)

async function archive(files: Record<string, Uint8Array | string>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length }, body }))
  return packTar(entries)
}

describe('the newest checkpoint', () => {
  it.each([
    [['checkpoint_9', 'checkpoint_10', 'checkpoint_tmp', 'config.json'], 'checkpoint_10'],
    [['run/checkpoint_1', 'run/additional_ckpt_7/checkpoint_7'], 'run/checkpoint_1'],
    [['checkpoint_3', 'checkpoint_3.safetensors', 'checkpoint_2'], 'checkpoint_3.safetensors'],
    [['checkpoint_3_step_4.safetensors', 'checkpoint_x', 'my_checkpoint_3'], undefined],
  ])('of %s', (names, expected) => {
    expect(newestPath(names, 'f')).toBe(expected)
    expect(newestPath([...names].reverse(), 'f')).toBe(expected)
  })

  it.each([
    [['additional_ckpt_2/checkpoint_2', 'additional_ckpt_5/checkpoint_5'], 'additional_ckpt_5/checkpoint_5'],
    [['checkpoints/checkpoint_1', 'other/checkpoints/checkpoint_7'], 'checkpoints/checkpoint_1'],
    [
      ['a/b/checkpoints/checkpoint_1', 'a/b/checkpoints/additional_ckpt_9/checkpoint_9'],
      'a/b/checkpoints/checkpoint_1',
    ],
  ])('is the own run’s, or the only one’s: %s', (names, expected) => {
    expect(newestPath(names, 'f')).toBe(expected)
    expect(newestPath([...names].reverse(), 'f')).toBe(expected)
  })

  it('of several runs is none: they are named', () => {
    const names = ['rho_0.0/seed_0/checkpoints/checkpoint_9', 'rho_0.2/seed_0/checkpoints/checkpoint_3']
    expect(() => newestPath(names, 'out')).toThrow('out: one run, got 2:\n  rho_0.0/seed_0\n  rho_0.2/seed_0')
    const many = Array.from({ length: 30 }, (_, i) => `run_${i}/checkpoint_1`)
    expect(() => newestPath(many, 'out')).toThrow(/got 30:(\n {2}run_\d+){20}\n {2}… and 10 more$/)
  })
})

describe('weight files', () => {
  it('are taken as they are, or out of a .tar and .tar.gz', async () => {
    const tar = await archive({
      'ckpt/checkpoint_2': 'old',
      'ckpt/checkpoint_10': real,
      'ckpt/checkpoint_3': 'old',
      'ckpt/additional_ckpt_11/checkpoint_11': 'extra',
      'ckpt/notes.txt': 'no',
    })
    for (const bytes of [tar, new Uint8Array(gzipSync(tar))]) {
      const opened = await openWeightFile(bytes, 'w.tar.gz')
      expect(opened.filename).toBe('w.tar.gz: ckpt/checkpoint_10')
      expect(Buffer.compare(opened.bytes, real)).toBe(0)
    }
    expect((await openWeightFile(real, 'checkpoint_3')).bytes).toBe(real)
  })

  it('of several runs in an archive are refused by their names, unless one is the archive’s own', async () => {
    const two = { 'a/checkpoints/checkpoint_3': real, 'b/checkpoints/checkpoint_4': real }
    await expect(openWeightFile(await archive(two), 'w.tar')).rejects.toThrow(
      'w.tar: one run, got 2:\n  a\n  b',
    )
    const opened = await openWeightFile(
      await archive({ ...two, './checkpoint_1': real, 'c/checkpoint_8': 'x' }),
      'w',
    )
    expect(opened.filename).toBe('w: ./checkpoint_1')
    expect(Buffer.compare(opened.bytes, real)).toBe(0)
  })

  it('in an archive without a checkpoint, or in one that swells, are refused', async () => {
    await expect(openWeightFile(await archive({ 'a.txt': 'a' }), 'w.tar')).rejects.toThrow(
      /w.tar: a checkpoint_<number>/,
    )
    const swollen = new Uint8Array(
      gzipSync(await archive({ checkpoint_1: new Uint8Array(2 ** 26 + 2 ** 22) })),
    )
    await expect(openWeightFile(swollen, 'w.tgz')).rejects.toThrow(
      /w.tgz: unpacks to at most 8 times its size/,
    )
  })

  it('of Flax are read like any other, and say what they imply', () => {
    const { tensors, step, implied, config, extra } = decodeWeights(real, 'checkpoint_3')
    expect(tensors.get('ema/Dense_0/kernel')?.shape).toEqual([3, 2])
    expect({ step, implied, config, extra }).toEqual({
      step: 1,
      implied: { use_rmsprop: true, ema_decay: 0.9 },
      config: undefined,
      extra: { epoch: '3' },
    })
    expect(() => decodeWeights(real.subarray(0, 300), 'checkpoint_3')).toThrow(
      /^checkpoint_3: flax: optimizer\/state\/param_states\/params\//,
    )
  })
})
