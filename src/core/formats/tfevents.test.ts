import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { crc32, crc32c, maskedCrc32c } from './crc32'
import { decodeEvents } from './readTfevents'
import { encodeFileHeader, encodeScalar } from './tfevents'

const golden = (name: string) => readFileSync(new URL(`goldens/${name}`, import.meta.url))
const tiny = JSON.parse(golden('tiny_events.json').toString())
const tinyBytes = new Uint8Array(Buffer.from(tiny.hex, 'hex'))

it('sums as the standards’ check values', () => {
  const bytes = new TextEncoder().encode('123456789')
  expect(crc32(bytes)).toBe(0xcbf43926)
  expect(crc32c(bytes)).toBe(0xe3069283)
})

describe('event files', () => {
  it('are byte for byte those of the reference', () => {
    const { events } = decodeEvents(tinyBytes)
    const [first, ...scalars] = events
    const records = [
      encodeFileHeader(first.wallTime, 'tensorflow.core.util.events_writer'),
      ...scalars.map(({ wallTime, step }, i) => {
        const [at, loss, error] = tiny.written[i >> 1]
        expect(step).toBe(at)
        return i % 2 === 0
          ? encodeScalar(wallTime, step, 'train_loss', loss)
          : encodeScalar(wallTime, step, 'test_error_rate', error)
      }),
    ]
    expect(Buffer.concat(records).toString('hex')).toBe(tiny.hex)
  })

  it('are read as TensorBoard read them', () => {
    const { events, complete } = decodeEvents(tinyBytes)
    expect(complete).toBe(true)
    expect(events[0].fileVersion).toBe('brain.Event:2')
    expect(events.slice(1).map(({ step, scalars }) => ({ step, ...scalars[0] }))).toEqual(
      tiny.events.slice(1).map(({ step, tag, value }: Record<string, unknown>) => ({ step, tag, value })),
    )
  })

  it('of a whole training of the reference hold its tags', () => {
    const { events, complete } = decodeEvents(golden('linear_sgd.tfevents'))
    expect(complete).toBe(true)
    const tags = new Set(events.flatMap(({ scalars }) => scalars.map(({ tag }) => tag)))
    expect([...tags]).toEqual(expect.arrayContaining(['train_loss', 'train_error_rate', 'learning_rate']))
    // As tensorboard.backend.event_processing reads the file.
    const losses = events.flatMap(({ step, scalars }) =>
      scalars.filter(({ tag }) => tag === 'train_loss').map(({ value }) => [step, value]),
    )
    expect(losses).toEqual([
      [3, 0.3283384144306183],
      [6, 0.14830462634563446],
      [9, 0.10317078232765198],
      [12, 0.09790003299713135],
    ])
  })

  it('cut short give the whole records before the cut; a flipped bit is told with its place', () => {
    for (let length = 0; length < tinyBytes.length; length++) {
      const { events, complete } = decodeEvents(tinyBytes.subarray(0, length))
      expect(complete, `cut at ${length}`).toBe(isBoundary(length))
      expect(events.length).toBeLessThan(tiny.events.length)
    }
    const flipped = Uint8Array.from(tinyBytes)
    flipped[100] ^= 4
    expect(() => decodeEvents(flipped)).toThrow(/record at byte 78/)
  })

  it('with a record that is no event are refused with its place, whatever is in it', () => {
    expect(() => decodeEvents(Buffer.concat([tinyBytes, recordOf([0x2a, 0xff, 0xff])]))).toThrow(
      `event file: the record at byte ${tinyBytes.length} is no event`,
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (message) => {
        try {
          decodeEvents(recordOf([...message]))
        } catch (error) {
          expect(error).toBeInstanceOf(BasinError)
        }
      }),
    )
  })

  it('hold scalars as older writers store them: float_val packed or not, simple_value', () => {
    const half = [0, 0, 0, 0x3f]
    const field = (number: number, bytes: number[]) => [(number << 3) | 2, bytes.length, ...bytes]
    const scalarsOf = (value: number[]) => decodeEvents(recordOf(field(5, field(1, value)))).events[0].scalars
    for (const value of [
      field(8, field(5, half)),
      field(8, [(5 << 3) | 5, ...half]),
      [(2 << 3) | 5, ...half],
    ]) {
      expect(scalarsOf(value)).toEqual([{ tag: '', value: 0.5 }])
    }
    // A list is not one number.
    expect(scalarsOf(field(8, field(5, [...half, ...half])))).toEqual([{ tag: '', value: Number.NaN }])
  })

  it('hold step 0 and a long tag', () => {
    const tag = `группа/${'x'.repeat(300)}`
    const { events } = decodeEvents(encodeScalar(1.5, 0, tag, -0.1))
    expect(events).toEqual([{ wallTime: 1.5, step: 0, scalars: [{ tag, value: Math.fround(-0.1) }] }])
  })
})

/** A record with right checksums. */
function recordOf(message: number[]): Uint8Array {
  const bytes = new Uint8Array(message.length + 16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, message.length, true)
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true)
  bytes.set(message, 12)
  view.setUint32(12 + message.length, maskedCrc32c(Uint8Array.from(message)), true)
  return bytes
}

/** Whether a record of the golden ends here: each says its length in its first bytes. */
function isBoundary(length: number): boolean {
  let at = 0
  while (at < length) at += tinyBytes[at] + 16
  return at === length
}
