import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sha256 } from './sha256'

const independent = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

afterEach(() => vi.unstubAllGlobals())

describe('sha256', () => {
  it('is the standard’s, with and without SubtleCrypto', async () => {
    const abc = new TextEncoder().encode('abc')
    const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(await sha256(abc)).toBe(expected)
    vi.stubGlobal('crypto', {})
    expect(await sha256(abc)).toBe(expected)
  })

  it('without SubtleCrypto: every length around the padding’s edges, and random bytes', async () => {
    vi.stubGlobal('crypto', {})
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7)
      expect(await sha256(bytes)).toBe(independent(bytes))
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        expect(await sha256(bytes)).toBe(independent(bytes))
      }),
    )
  })

  it('hashes a view, not its buffer', async () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3)
    expect(await sha256(bytes)).toBe(independent(Uint8Array.of(2, 3)))
  })
})
