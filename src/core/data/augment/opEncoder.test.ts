import { describe, expect, it } from 'vitest'
import { HEADER, NOWHERE, OP_CODES } from '../../../engine/ops/augmentImages/program'
import { blending } from './blend'
import { blendTable, OpEncoder } from './opEncoder'
import { AUTOAUGMENT_LIMITS, OP_NAMES, opValue, type PlannedOp } from './ops'

const SHAPE = { height: 32, width: 32, channels: 3 }

describe('blendTable', () => {
  /** As the device reads an entry. */
  function blended(entry: number, degenerate: number): number {
    const sum = degenerate + (entry >> 16)
    if (sum < 0) return 0
    return Math.min(255, sum >= (entry & 0xffff) ? sum + 1 : sum)
  }

  const levels = Array.from({ length: 31 }, (_, level) => opValue('Color', level, AUTOAUGMENT_LIMITS))

  it.each([...levels, 0, 1, 1e-9, 0.001, 0.3333, 1 - 2 ** -24, 1 + 2 ** -23, 2, 300])(
    'factor %f: every pair of values as `blending` has it',
    (factor) => {
      const table = blendTable(factor)
      const blend = blending(factor)
      const wrong: number[][] = []
      for (let degenerate = 0; degenerate < 256; degenerate++) {
        for (let original = 0; original < 256; original++) {
          const got = blended(table[original - degenerate + 255], degenerate)
          if (got !== blend(degenerate, original)) wrong.push([degenerate, original, got])
        }
      }
      expect(wrong).toEqual([])
    },
  )
})

describe('OpEncoder', () => {
  const codes = (plan: PlannedOp[]) => new OpEncoder(SHAPE).encode([plan], plan.length).ops

  it('has a code for every operation', () => {
    for (const name of OP_NAMES) {
      const [word] = codes([{ name, value: opValue(name, 1, AUTOAUGMENT_LIMITS) }])
      expect(word & 255).not.toBe(OP_CODES.none)
    }
  })

  it('keeps one table for all images with the same operation, and what it has said stays', () => {
    const encoder = new OpEncoder(SHAPE)
    const rotate = (value: number): PlannedOp[] => [{ name: 'Rotate', value }]
    const first = encoder.encode([rotate(3), rotate(-3), rotate(3)], 1)
    expect(first.ops[0]).toBe(first.ops[4])
    expect(first.ops[0]).not.toBe(first.ops[2])
    const used = HEADER.size + 2 * 512
    const before = first.tables.slice(0, used)
    for (let degrees = 4; degrees < 40; degrees++) encoder.encode([rotate(degrees)], 1)
    expect(first.tables.subarray(0, used)).toEqual(before)
    const again = encoder.encode([rotate(3)], 1)
    expect(again.ops[0]).toBe(first.ops[0])
    expect(again.tables.length).toBeGreaterThan(first.tables.length)
    expect(again.tables.subarray(0, used)).toEqual(before)
  })

  it('a translation is a table of places, beyond the image a square of grey', () => {
    const encoder = new OpEncoder(SHAPE)
    const { ops, tables } = encoder.encode(
      [[{ name: 'TranslateX', value: 5 }], [{ name: 'TranslateX', value: 32 }]],
      1,
    )
    expect(ops[0] & 255).toBe(OP_CODES.move)
    const at = (pixel: number) => (tables[(ops[0] >> 8) + (pixel >> 1)] >> (16 * (pixel & 1))) & 0xffff
    expect([at(0), at(26), at(27), at(32)]).toEqual([5, 31, NOWHERE, 37])
    expect(ops[2]).toBe(OP_CODES.erase)
    expect(ops[3] >>> 0).toBe((32 << 8) + 32 * 2 ** 24)
  })
})
