import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { sweepConfigs } from './sweep'

const base = { ...DEFAULT_CONFIG, run_seed: 4294967295 }
const read = (seeds: number, settings: Parameters<typeof sweepConfigs>[0]['settings'] = []) =>
  sweepConfigs({ base, seeds, settings })

describe('a sweep', () => {
  it('is of seeds from the base’s on, which begin again after the last there is', () => {
    const reading = read(3)
    expect(reading.ok && reading.configs.map(({ run_seed }) => run_seed)).toEqual([4294967295, 0, 1])
  })

  it('is of every combination of values, each with every seed', () => {
    const reading = read(2, [
      { name: 'sam_rho', text: '0 0.05' },
      { name: 'mlp_layers', text: '32 256,128' },
    ])
    expect(
      reading.ok &&
        reading.configs.map(({ sam_rho, mlp_layers, run_seed }) => [sam_rho, mlp_layers, run_seed]),
    ).toEqual([
      [0, '32', 4294967295],
      [0, '32', 0],
      [0, '256,128', 4294967295],
      [0, '256,128', 0],
      [0.05, '32', 4294967295],
      [0.05, '32', 0],
      [0.05, '256,128', 4294967295],
      [0.05, '256,128', 0],
    ])
  })

  it.each([
    [0, [], /^seeds: whole number/],
    [1, [{ name: 'sam_rho', text: 'much' }], /^sam_rho: number, .*got "much"/],
    [1, [{ name: 'sam_rho', text: ' ' }], /: values separated by spaces, got none/],
    [201, [], /^at most 200 at once, got 201/],
    [
      1,
      [
        { name: 'sam_rho', text: '0' },
        { name: 'sam_rho', text: '1' },
      ],
      /got one twice/,
    ],
  ] as const)('of %i seeds and %j is refused in words', (seeds, settings, message) => {
    const reading = read(seeds, settings)
    expect(!reading.ok && reading.message).toMatch(message)
  })
})
