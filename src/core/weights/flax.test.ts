import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode, ExtData, ExtensionCodec, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillByName } from '../../../conformance/replay/fillRule'
import { BasinError } from '../../base/errors'
import { isArray, readFlaxTree } from '../formats/flax/flaxReader'
import { type FlaxInput, writeFlaxTree } from '../formats/flax/flaxWriter'
import type { NamedTensor } from '../formats/tensorData'
import { decodeFlax, encodeFlax, encodeFlaxPretrained } from './flax'
import { layoutOfTensors } from './layoutOfTensors'
import { emptyVectors, type PartLayout, parts } from './weightParts'

const GOLDENS = join(import.meta.dirname, '../../../conformance/goldens/checkpoints')
const bytesOf = (path: string) => new Uint8Array(readFileSync(join(GOLDENS, path)))
const EFFNET_TINY_SHA256 = '082356679a0d19c0f4055a33e15722641e488fe98c129fd2aca83334fec23abf'
const REAL = ['tiny_momentum/checkpoint_3', 'tiny_rmsprop_ema/checkpoint_3', 'wrn_mini/checkpoint_7']

/** A golden's layout, `ext1 ndarray <f4 [2]` at its leaves, as names and shapes. */
function shapes(tree: object, path: string): [string, NamedTensor][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const name = path ? `${path}/${key}` : key
    if (typeof value !== 'string') return shapes(value, name)
    const shape = JSON.parse(/\[.*\]/.exec(value)![0]) as number[]
    return [[name, { shape, dtype: '<f4', data: new Float32Array() }]] as [string, NamedTensor][]
  })
}

/** Through our state and out again. */
function throughState(file: Uint8Array): Uint8Array {
  const { tensors, step, epoch, average } = decodeFlax(file)
  const layout = layoutOfTensors(tensors)
  const vectors = emptyVectors(layout, tensors)
  for (const { entries, prefix, values } of parts(layout, vectors)) {
    for (const { name, offset } of entries) {
      values.set(tensors.get(prefix + name)!.data as Float32Array, offset)
    }
  }
  return encodeFlax({ layout, vectors, step, epoch: epoch!, average })
}

/** The message a file is refused with; undefined when it is read. Foreign errors fail the test. */
function complaint(bytes: Uint8Array): string | undefined {
  try {
    decodeFlax(bytes)
    return undefined
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    expect(error.code).toBe('file-format')
    expect(error.remedy).not.toBe('')
    return error.message
  }
}

describe.each(REAL)('%s, as the reference wrote it', (path) => {
  const file = bytesOf(path)

  it('comes back byte for byte after our training state', () => {
    expect(Buffer.compare(throughState(file), file)).toBe(0)
  })

  it('is refused when cut anywhere', () => {
    const stride = file.length < 1000 ? 1 : 997
    for (let length = 0; length < file.length; length += stride) {
      expect(complaint(file.subarray(0, length)), `cut at ${length}`).toMatch(/^flax: /)
    }
  })

  it('with bytes after it is refused', () => {
    expect(complaint(Uint8Array.from([...file, 0]))).toContain('1 bytes after')
  })

  it('with any flipped bit of its structure gives our own error or a whole set of tensors', () => {
    // The first values of a large file begin later than all of its top.
    const flipped = Uint8Array.from(file)
    for (let at = 0; at < Math.min(file.length, 900); at++) {
      for (const bit of file.length < 1000 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at & 7]) {
        flipped[at] = file[at] ^ (1 << bit)
        complaint(flipped)
      }
      flipped[at] = file[at]
    }
  })
})

describe('what is read', () => {
  it('has the reference’s values, step, epoch and average', () => {
    const { tensors, step, epoch, average, slots } = decodeFlax(bytesOf('tiny_rmsprop_ema/checkpoint_3'))
    expect({ step, epoch, slots }).toEqual({ step: 1, epoch: 3, slots: ['momentum', 'meanSquare'] })
    expect(average).toEqual({ decay: Math.fround(0.9), warmupSteps: 1560 })
    expect([...tensors.keys()].sort()).toEqual(
      ['Dense_0/bias', 'Dense_0/kernel', 'bn/bias', 'bn/scale']
        .flatMap((name) => [
          name,
          `ema/${name}`,
          `optimizer/momentum/${name}`,
          `optimizer/mean_square/${name}`,
        ])
        .concat(['/bn:mean', '/bn:var', 'ema/bn:mean', 'ema/bn:var'])
        .sort(),
    )
    // 00 00 68 3f, twice.
    expect([...tensors.get('optimizer/mean_square/Dense_0/bias')!.data]).toEqual([0.90625, 0.90625])
  })

  it('is what another msgpack reader reads', () => {
    const codec = new ExtensionCodec()
    codec.register({
      type: 1,
      encode: () => null,
      decode: (data) => {
        const [shape, dtype, values] = decode(data) as [number[], string, Uint8Array]
        return { shape, dtype, values: Buffer.from(values).toString('hex') }
      },
    })
    for (const path of REAL) {
      const theirs = decode(bytesOf(path), { extensionCodec: codec })
      const plain = (node: unknown): unknown => {
        if (node instanceof Map) return Object.fromEntries([...node].map(([k, v]) => [k, plain(v)]))
        if (!isArray(node as never)) return node
        const { shape, dtype, bytes } = node as { shape: number[]; dtype: string; bytes: Uint8Array[] }
        return { shape, dtype, values: Buffer.concat(bytes).toString('hex') }
      }
      expect(plain(readFlaxTree(bytesOf(path)))).toEqual(theirs)
    }
  })

  it('understands flax 0.12.8: arrays in chunks, NumPy’s scalars, names of types', () => {
    const file = new Uint8Array(
      readFileSync(join(import.meta.dirname, 'goldens/flax_0.12.8_chunked.msgpack')),
    )
    const { tensors, step, epoch } = decodeFlax(file)
    expect({ step, epoch }).toEqual({ step: 5, epoch: 2 })
    const kernel = tensors.get('Dense_0/kernel')!
    expect(kernel.shape).toEqual([20, 3])
    expect([...kernel.data]).toEqual(Array.from({ length: 60 }, (_, i) => Math.fround(i / 7)))
  })

  it('a pretrained file of the reference is, byte for byte, what we write', () => {
    const { layout } = JSON.parse(readFileSync(join(import.meta.dirname, 'goldens/effnet_tiny.json'), 'utf8'))
    const stat = (name: string) => name.replace(/\/(mean|var)$/, ':$1')
    const { params, stats } = layoutOfTensors(
      new Map([
        ...shapes(layout['0'].params, ''),
        ...shapes(layout['1'], '').map(([name, tensor]) => [stat(name), tensor] as const),
      ]),
    )
    const theta = new Float32Array(params.size)
    const batchStats = new Float32Array(stats.size)
    for (const entry of params.entries) theta.set(fillByName(entry), entry.offset)
    for (const entry of stats.entries) batchStats.set(fillByName(entry), entry.offset)
    const file = encodeFlaxPretrained({ params, stats }, { theta, batchStats })
    expect(file.length).toBe(1801009)
    expect(createHash('sha256').update(file).digest('hex')).toBe(EFFNET_TINY_SHA256)
    const { tensors, epoch, step } = decodeFlax(file)
    expect({ epoch, step }).toEqual({ epoch: undefined, step: 0 })
    expect(layoutOfTensors(tensors)).toEqual({ params, stats })
  })
})

const map = (entries: Record<string, FlaxInput>) => new Map(Object.entries(entries))
const floats = (...values: number[]): FlaxInput => ({
  shape: [values.length],
  data: Float32Array.from(values),
})
const count = (value: number): FlaxInput => ({ shape: [], data: Int32Array.of(value) })

/** A whole checkpoint of one weight, with something changed. */
function checkpoint(changes: Record<string, FlaxInput> = {}, weight: FlaxInput = floats(1, 2)): Uint8Array {
  return writeFlaxTree(
    map({
      optimizer: map({
        target: map({ params: map({ Dense_0: map({ bias: weight }) }) }),
        state: map({
          step: count(3),
          param_states: map({ params: map({ Dense_0: map({ bias: map({ momentum: floats(0, 0) }) }) }) }),
        }),
      }),
      model_state: map({}),
      epoch: 1,
      ...changes,
    }),
  )
}

describe('hostile files', () => {
  it('the file they are made of is good', () => expect(complaint(checkpoint())).toBeUndefined())

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(), /more bytes/],
    ['a picture', new Uint8Array(100).fill(0xff), /map at the top/],
    ['a list', Uint8Array.of(0x93, 1, 2, 3), /got type 0x93/],
    ['a map of four billion entries', Uint8Array.of(0xdf, 255, 255, 255, 255), /4294967295 entries/],
    ['a text of four billion bytes', Uint8Array.of(0x81, 0xdb, 255, 255, 255, 255), /text as key/],
    [
      'an array of four billion bytes',
      Uint8Array.of(0x81, 0xa1, 97, 0xc9, 255, 255, 255, 255, 1),
      /a: 42949/,
    ],
    ['a number as key', Uint8Array.of(0x81, 1, 1), /text as key/],
    ['a key that stands twice', Uint8Array.of(0x82, 0xa1, 97, 1, 0xa1, 97, 2), /a: only once/],
    ['no UTF-8', Uint8Array.of(0x81, 0xa1, 0xff, 1), /UTF-8/],
    ['another extension', Uint8Array.of(0x81, 0xa1, 97, 0xd4, 2, 0), /a: an array .* got extension 2/],
    ['an extra part', checkpoint({ more: map({}) }), /^flax: more is not one of/],
    ['a missing part', writeFlaxTree(map({ optimizer: map({}), epoch: 1 })), /^flax: model_state is missing/],
    ['a part that is no map', checkpoint({ model_state: 3 }), /^flax: model_state is no map/],
    ['a weight that is a number', checkpoint({}, 7), /optimizer\/target\/params\/Dense_0\/bias is no array/],
    [
      'a statistic of another kind',
      checkpoint({ model_state: map({ '/bn': map({ median: floats(1) }) }) }),
      /\/bn\/median is not mean or var/,
    ],
    [
      'a statistic without a path',
      checkpoint({ model_state: map({ bn: map({ mean: floats(1) }) }) }),
      /no path/,
    ],
    ['a step that is no count', checkpoint({ epoch: count(-1) }), /epoch is no count/],
  ])('%s', (_, bytes, rule) => {
    expect(complaint(bytes)).toMatch(/^flax: /)
    expect(complaint(bytes)).toMatch(rule)
  })

  it('nested deep, or broad with nothing, end before they cost anything', () => {
    const deep = new Uint8Array(3_000_000)
    for (let at = 0; at < deep.length; at += 3) deep.set([0x81, 0xa1, 97], at)
    expect(complaint(deep)).toMatch(/a\/a\/a.*: at most 32 maps within each other/)
    const broad = [0xdf, 0, 5, 0, 0]
    for (let i = 0; i < 0x50000; i++)
      broad.push(0xa3, 48 + (i & 63), 48 + ((i >> 6) & 63), 48 + ((i >> 12) & 63), 0x80)
    expect(complaint(Uint8Array.from(broad))).toMatch(/at most 200000 values/)
  })

  /** An array as Flax writes it, with the type, shape and bytes given. */
  const array = (shape: unknown, dtype: unknown, bytes: Uint8Array) =>
    encode({ a: new ExtData(1, encode([shape, dtype, bytes])) })

  it.each<[string, Uint8Array, RegExp]>([
    ['a type nobody knows', array([1], '<f3', new Uint8Array(4)), /a: a numeric type .* got <f3/],
    ['objects', array([1], '|O', new Uint8Array(8)), /a: a numeric type/],
    ['big-endian values', array([1], '>f4', new Uint8Array(4)), /a: a numeric type/],
    [
      'another shape than its bytes',
      array([3], '<f4', new Uint8Array(8)),
      /a: \[3\] of <f4 is 12 bytes, got 8/,
    ],
    ['a huge shape', array([2 ** 31, 2 ** 31], '<f4', new Uint8Array(8)), /a: \[2147483648,2147483648\]/],
    ['a negative size', array([-1], '<f4', new Uint8Array(4)), /a: a shape of sizes/],
    ['no type', array([1], 3, new Uint8Array(4)), /a: a text as key/],
    ['text for values', array([1], '<f4', 'abcd' as never), /a: the values as bytes/],
    [
      'something after the values',
      encode({ a: new ExtData(1, Uint8Array.from([...encode([[1], '<f4', new Uint8Array(4)]), 0])) }),
      /a: an array that fills/,
    ],
    [
      'chunks that do not make the shape',
      encode({
        a: {
          __msgpack_chunked_array__: true,
          shape: { 0: 3 },
          chunks: { 0: new ExtData(1, encode([[2], '<f4', new Uint8Array(8)])) },
        },
      }),
      /a: \[3\] of <f4/,
    ],
    [
      'chunks without arrays',
      encode({ a: { __msgpack_chunked_array__: true, shape: { 0: 3 }, chunks: { 0: 4 } } }),
      /a: a chunked array/,
    ],
  ])('an array of %s is named', (_, bytes, rule) => {
    expect(complaint(bytes)).toMatch(rule)
  })

  it('take no memory for what they claim', () => {
    const before = process.memoryUsage().arrayBuffers
    expect(complaint(array([2 ** 20, 2 ** 10], '<f4', new Uint8Array(8)))).toMatch(/got 8/)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  it('and good ones take their own size once more at most', () => {
    const size = 2 ** 22
    const file = checkpoint({}, { shape: [size], data: new Float32Array(size) })
    const before = process.memoryUsage().arrayBuffers
    const { tensors } = decodeFlax(file)
    expect(tensors.get('Dense_0/bias')!.data.length).toBe(size)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThanOrEqual(file.length)
  })

  it('of any bytes end in our own error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void complaint(bytes)))
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },

        fc.integer(),
        fc.string(),
        fc.boolean(),
        fc.double(),
        fc.array(fc.nat(300), { maxLength: 3 }),
        fc.uint8Array({ maxLength: 9 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
      ),
    })).node
    fc.assert(fc.property(value, (tree) => void complaint(encode(tree))))
  })
})

describe('what is written', () => {
  const name = fc.string({ minLength: 1, maxLength: 40 })
  const tensor = fc
    .float32Array({ maxLength: 70 })
    .map((data): FlaxInput => ({ shape: [1, data.length], data }))
  const tree = fc.letrec<{ node: FlaxInput; map: Map<string, FlaxInput> }>((tie) => ({
    node: fc.oneof({ maxDepth: 4, depthSize: 'small' }, tensor, fc.nat(2 ** 31), tie('map')),
    map: fc.array(fc.tuple(name, tie('node')), { maxLength: 20 }).map((list) => new Map(list)),
  })).map

  it('is what another msgpack writer writes', () => {
    const codec = new ExtensionCodec()
    const theirs = (node: FlaxInput): unknown => {
      if (typeof node === 'number') return node
      if ('shape' in node) {
        const { shape, data } = node
        return new ExtData(
          1,
          encode([[...shape], '<f4', new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
        )
      }
      return Object.fromEntries([...node].map(([key, value]) => [key, theirs(value)]))
    }
    // A plain object would put keys that look like numbers first.
    const named = (node: FlaxInput): boolean =>
      !(node instanceof Map) ||
      [...node].every(([key, value]) => !/^\d+$/.test(key) && key !== '__proto__' && named(value))
    fc.assert(
      fc.property(tree.filter(named), (input) => {
        const expected = encode(theirs(input), { extensionCodec: codec })
        expect(Buffer.compare(writeFlaxTree(input), expected)).toBe(0)
      }),
    )
  })

  it('keeps modules without parameters as empty maps, in their place', () => {
    const { params } = layoutOfTensors(new Map([['b/kernel', { shape: [2] }]]))
    const layout: PartLayout = {
      params,
      stats: { entries: [], size: 0 },
      emptyModules: ['a/Shortcut_0', 'b/Empty'],
    }
    const file = encodeFlaxPretrained(layout, {
      theta: Float32Array.of(1, 2),
      batchStats: new Float32Array(),
    })
    const written = readFlaxTree(file).get('0') as Map<string, Map<string, Map<string, unknown>>>
    const modules = written.get('params')!
    expect([...modules.keys()]).toEqual(['a', 'b'])
    expect([...modules.get('a')!]).toEqual([['Shortcut_0', new Map()]])
    expect([...modules.get('b')!.keys()]).toEqual(['Empty', 'kernel'])
    const decoded = decodeFlax(file)
    expect([...decoded.tensors.keys()]).toEqual(['b/kernel'])
    expect(decoded.emptyModules).toEqual(layout.emptyModules)
  })
})
