/** In a browser: the pixels are those of Node. */
import { expect, it } from 'vitest'
import { PINNED } from './pixels.pinned.testing'
import { fingerprint, SETTINGS } from './pixels.testing'

it.each(Object.entries(SETTINGS))('%s', (name, changes) => {
  expect(fingerprint(changes)).toBe(PINNED[name])
})
