import { expect, it } from 'vitest'
import { parseOptions, SECTIONS } from './options'

it('without words: everything, every peer', () => {
  expect(parseOptions([])).toMatchObject({
    sections: [...SECTIONS],
    json: false,
    browser: false,
    batches: undefined,
  })
})

it('takes sections, networks, batches and peers', () => {
  const words = 'engine memory --json --model mlp --batch 32 --batch 64 --peers tfjs,torch --seconds 3'
  expect(parseOptions(words.split(' '))).toMatchObject({
    sections: ['engine', 'memory'],
    json: true,
    models: ['mlp'],
    batches: [32, 64],
    peers: ['tfjs', 'torch'],
    seconds: 3,
  })
  expect(parseOptions(['--peers', 'none'])).toMatchObject({ peers: [] })
  expect(parseOptions(['--help'])).toBe('help')
})

it('refuses what it does not know, with what it knows', () => {
  expect(() => parseOptions(['engin'])).toThrow(/one of engine, .*got engin/)
  expect(() => parseOptions(['--peers', 'onnx'])).toThrow(/one of tfjs/)
  expect(() => parseOptions(['--seconds=-1'])).toThrow(/positive/)
  expect(() => parseOptions(['--nonsense'])).toThrow(/nonsense/)
})
