import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { DEFAULT_CONFIG, type RunConfig, runConfigSchema } from '../config/schema'
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors'
import type { Network } from '../models/network'
import { createNetwork } from '../models/registry'
import { fitWeights } from './fitWeights'
import { tensorSum } from './tensorSum'
import { decodeWeights, encodeWeights, type WeightContents, type WeightFormat } from './weights'

const SIZE = { height: 8, width: 8, channels: 1 }
const config: RunConfig = runConfigSchema.parse({ model_name: 'cnn_small', cnn_channels: '2', cnn_dense: 3 })
let network: Network
let full: WeightContents

const ramp = (size: number, from: number) => Float32Array.from({ length: size }, (_, i) => from + i / 7)

beforeAll(() => {
  network = createNetwork(config, SIZE, 10)
  const p = network.params.size
  const s = network.stats.size
  full = {
    network,
    theta: ramp(p, 1),
    batchStats: ramp(s, 1000),
    slots: { momentum: ramp(p, -5), meanSquare: ramp(p, 20) },
    ema: { theta: ramp(p, 300), batchStats: ramp(s, 2000) },
    config,
    metrics: { testErrorRate: 0.1875, notes: ['a'] },
    step: 78,
    extra: { device: 'cpu' },
  }
})

describe.each<WeightFormat>(['safetensors', 'npz'])('weights as %s', (format) => {
  it('come back whole, with settings and numbers', () => {
    const decoded = decodeWeights(encodeWeights(full, format), 'w')
    expect(decoded).toMatchObject({
      config,
      step: 78,
      metrics: full.metrics,
      extra: { device: 'cpu', network: 'cnn_small' },
    })
    const { theta, batchStats, slots, ema } = full
    expect(fitWeights(decoded, network)).toEqual({ theta, batchStats, slots, ema })
  })

  it('of an export are the parameters and statistics under the layout’s names, no more', () => {
    const bytes = encodeWeights({ ...full, slots: undefined, ema: undefined }, format)
    const decoded = decodeWeights(bytes, 'w')
    const names = [...network.params.entries, ...network.stats.entries].map(({ name }) => name)
    expect([...decoded.tensors.keys()].sort()).toEqual(names.sort())
    expect(names.some((name) => /^\/.*:var$/.test(name))).toBe(true)
    expect(fitWeights(decoded, network)).toEqual({ theta: full.theta, batchStats: full.batchStats })
  })
})

describe('statistics of several replicas', () => {
  const withReplicas = () => {
    const { size } = network.stats
    const replicaStats = { now: ramp(3 * size, 7), ema: ramp(3 * size, 70) }
    return { ...full, replicaStats }
  }

  it('come back from our files; the reference’s has no place for them', () => {
    const contents = withReplicas()
    const decoded = decodeWeights(encodeWeights(contents, 'safetensors'), 'w')
    expect(decoded.tensors.get('replicas/batch_stats')?.shape).toEqual([3, network.stats.size])
    expect(fitWeights(decoded, network).replicaStats).toEqual(contents.replicaStats)
    expect(encodeWeights(contents, 'flax')).toEqual(encodeWeights(full, 'flax'))
  })

  it.each([[[1]], [[3, 3]], [[2 ** 20, 0]], [[0]]])('of another shape are refused: %j', (shape) => {
    const decoded = decodeWeights(encodeWeights(withReplicas(), 'npz'), 'w')
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
    decoded.tensors.set('replicas/batch_stats', { shape, dtype: '<f4', data })
    expect(() => fitWeights(decoded, network)).toThrow(
      /mis-shaped: replicas\/batch_stats \(expected \[1,\d+\]/,
    )
  })
})

describe('files that do not fit', () => {
  const exported = () =>
    decodeWeights(encodeWeights({ ...full, slots: undefined, ema: undefined }, 'npz'), 'w.npz')
  const refusal = (change: (tensors: ReturnType<typeof exported>['tensors']) => void): string => {
    const decoded = exported()
    change(decoded.tensors)
    try {
      fitWeights(decoded, network)
    } catch (error) {
      if (!(error instanceof BasinError)) throw error
      expect(error.code).toBe('tensor-mismatch')
      return error.message
    }
    throw new Error('it was taken')
  }

  it('name what is missing, extra, mis-shaped and not finite', () => {
    const [first, second, third] = network.params.entries.map(({ name }) => name)
    expect(
      refusal((tensors) => {
        tensors.delete(first)
        tensors.set('Head/kernel', { shape: [1], dtype: '<f4', data: new Float32Array(1) })
        tensors.get(second)!.shape = [4, 4]
        tensors.get(third)!.data[0] = Number.NaN
      }),
    ).toMatch(
      new RegExp(
        `^w.npz: does not fit cnn_small: 1 missing: ${first}; 1 not of this network: Head/kernel; ` +
          `1 mis-shaped: ${second} \\(expected \\[.*\\], got \\[4,4\\]\\); 1 with NaN or infinity: ${third}$`,
      ),
    )
  })

  it('of another network show the first few names and count the rest', () => {
    const other = createNetwork({ ...config, model_name: 'WideResnet_mini' }, SIZE, 10)
    expect(() => fitWeights(exported(), other)).toThrow(/\d+ missing: [^;]+, and \d+ more; \d+ not of this/)
  })

  it('of layers that no memory holds are refused before anything is made for them', () => {
    const huge = createNetwork({ ...config, model_name: 'mlp', mlp_layers: '65536,65536' }, SIZE, 10)
    expect(() => fitWeights(exported(), huge)).toThrow(/^w.npz: does not fit mlp: 4 missing: Dense_0/)
    const wide = createNetwork({ ...config, cnn_channels: '99999,99999' }, SIZE, 10)
    expect(() => fitWeights(exported(), wide)).toThrow(/missing: .*mis-shaped: .*\(expected \[3,3,1,99999\]/)
  })

  it('with half an optimizer are refused', () => {
    expect(
      refusal((tensors) => {
        const { name } = network.params.entries[0]
        tensors.set(`optimizer/momentum/${name}`, tensors.get(name)!)
      }),
    ).toContain('missing: optimizer/momentum/')
  })

  it('with integers for weights are refused; doubles are rounded', () => {
    const { name, shape, size } = network.params.entries[0]
    expect(
      refusal((tensors) => {
        tensors.set(name, { shape: [...shape], dtype: 'I32', data: new Int32Array(size) })
      }),
    ).toContain(`${name} (expected floating-point values, got I32)`)
    const decoded = exported()
    decoded.tensors.set(name, { shape: [...shape], dtype: 'F64', data: new Float64Array(size).fill(0.1) })
    expect(fitWeights(decoded, network).theta[0]).toBe(Math.fround(0.1))
  })
})

describe('the sum of the tensors', () => {
  const without = (bytes: Uint8Array, key: string) => {
    const { tensors, metadata } = decodeSafetensors(bytes)
    const { [key]: _, ...others } = metadata
    return encodeSafetensors(tensors, others)
  }

  it('is SHA-256 over their bytes in the order of their names', () => {
    const { tensors, metadata } = decodeSafetensors(encodeWeights(full, 'safetensors'))
    const hash = createHash('sha256')
    for (const name of [...tensors.keys()].sort()) {
      const view = new DataView(new ArrayBuffer(4))
      for (const value of tensors.get(name)!.data as Float32Array) {
        view.setFloat32(0, value, true)
        hash.update(new Uint8Array(view.buffer))
      }
    }
    expect(metadata.tensors_sha256).toBe(hash.digest('hex'))
    // Not a fact of the state: another format's copy of it would be of other bytes.
    expect(decodeWeights(encodeWeights(full, 'safetensors'), 'w').extra).not.toHaveProperty('tensors_sha256')
  })

  it('refuses a file of which any bit of a value has changed', () => {
    const original = encodeWeights({ ...full, ema: undefined }, 'safetensors')
    const start = 8 + Number(new DataView(original.buffer).getBigUint64(0, true))
    const bits = 8 * (original.length - start) - 1
    fc.assert(
      fc.property(fc.nat(bits), (bit) => {
        const bytes = Uint8Array.from(original)
        bytes[start + (bit >> 3)] ^= 1 << (bit & 7)
        expect(() => decodeWeights(bytes, 'w')).toThrow(
          /^w: tensors: the values it was written with \(SHA-256 [0-9a-f]{12}…\), got others/,
        )
      }),
      { numRuns: 50 },
    )
  })

  it('refuses tensors that changed places, and takes them in another order of the file', () => {
    const { tensors, metadata } = decodeSafetensors(encodeWeights(full, 'safetensors'))
    const turned = encodeSafetensors(new Map([...tensors].reverse()), metadata)
    expect(fitWeights(decodeWeights(turned, 'w'), network).theta).toEqual(full.theta)
    const name = network.params.entries[0].name
    const [one, other] = [name, `optimizer/momentum/${name}`].map((key) => tensors.get(key)!)
    const swapped = new Map(tensors).set(name, other).set(`optimizer/momentum/${name}`, one)
    expect(() => decodeWeights(encodeSafetensors(swapped, metadata), 'w')).toThrow(/got others/)
  })

  it('is not asked of files that have none, nor of others’ files', () => {
    const bytes = encodeWeights(full, 'safetensors')
    expect(decodeWeights(without(bytes, 'tensors_sha256'), 'w').step).toBe(78)
    const tensors = { a: { shape: [1], data: Float32Array.of(1) } }
    expect(decodeWeights(encodeSafetensors(tensors, { tensors_sha256: 'theirs' }), 'w').extra).toEqual({
      tensors_sha256: 'theirs',
    })
  })

  it('orders names by code point, as Python sorts them', () => {
    const of = (name: string, value: number) => [name, { data: Uint8Array.of(value) }] as const
    const got = tensorSum(
      new Map([of('b', 4), of('𐀀', 6), of('\uffff', 5), of('ab', 3), of('a', 2), of('', 1)]),
    )
    expect(got).toBe(
      createHash('sha256')
        .update(Uint8Array.of(1, 2, 3, 4, 5, 6))
        .digest('hex'),
    )
  })
})

describe('files of others', () => {
  it('have no settings, and their words are not taken for ours', () => {
    const tensors = { a: { shape: [1], data: new Float32Array([1]) } }
    const decoded = decodeWeights(encodeSafetensors(tensors, { step: 'seven', run_config: '?' }), 'theirs')
    expect(decoded).toMatchObject({ step: 0, metrics: {}, extra: { step: 'seven' } })
    expect(decoded.config).toBeUndefined()
  })

  it('and no weight files are refused by name', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13)
    const text = new TextEncoder().encode('run,step,loss\n')
    for (const [bytes, got] of [
      [png, 'one that begins with 89 50 4e 47 0d 0a 1a 0a'],
      [text, 'one that begins with 72 75 6e 2c 73 74 65 70'],
      [new Uint8Array(100).fill(7), 'one that begins with 07 07'],
      [new Uint8Array(), 'an empty one'],
    ] as const) {
      expect(() => decodeWeights(bytes, 'cat.jpg')).toThrow(
        `cat.jpg: a weight file (safetensors, .npz or a Flax checkpoint), got ${got}`,
      )
    }
    expect(() => decodeWeights(new TextEncoder().encode('PK?'), 'w')).toThrow(/^w: zip: /)
    // Cut short it still is one, and damaged.
    const cut = encodeWeights(full, 'safetensors').subarray(0, 400)
    expect(() => decodeWeights(cut, 'w')).toThrow(/^w: safetensors: header of \d+ bytes, got 392 in all/)
  })

  it('with changed settings are refused with the setting’s name', () => {
    const { tensors, metadata } = decodeSafetensors(encodeWeights(full, 'safetensors'))
    const changed = (values: object) =>
      encodeSafetensors(tensors, {
        ...metadata,
        run_config: JSON.stringify({ ...DEFAULT_CONFIG, ...values }),
      })
    expect(() => decodeWeights(changed({ sam_rho: -1 }), 'w')).toThrow(/^w: metadata: run_config: sam_rho: /)
    expect(() => decodeWeights(changed({ colour: 'red' }), 'w')).toThrow(/run_config: .*colour/)
    expect(() => decodeWeights(encodeSafetensors(tensors, { ...metadata, step: '-1' }), 'w')).toThrow(/step/)
    expect(() => decodeWeights(encodeSafetensors(tensors, { ...metadata, metrics: '{' }), 'w')).toThrow(
      /metrics/,
    )
  })
})
