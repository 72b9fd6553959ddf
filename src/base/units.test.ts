import { expect, it } from 'vitest'
import { bytesText } from './units'

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [10 * 1024, '10 KiB'],
  [2 ** 20 - 1, '1024 KiB'],
  [2 ** 20, '1.0 MiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
  [3000 * 2 ** 40, '3000 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})
