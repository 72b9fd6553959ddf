/** Reads TensorBoard event files: what was written, and what TensorFlow writes. Source: as in tfevents.ts. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { BasinError } from '../../base/errors'
import { maskedCrc32c } from './crc32'
import { bytesOf } from './tensorData'
import { EVENT, SUMMARY, TENSOR, VALUE } from './tfevents'

/** The fields of older files. */
const SIMPLE_VALUE = 2
const FLOAT_VALUES = 5

export interface TensorBoardEvent {
  wallTime: number
  step: number
  /** Of the first record. */
  fileVersion?: string
  scalars: { tag: string; value: number }[]
}

/**
 * Scalars of an event file, both as TF 2 tensors and as the older `simple_value`.
 * @returns the whole events; `complete` is false when the last record is cut short, as after a crash
 * @throws BasinError `file-format` naming the byte at which a checksum or an event is wrong
 */
export function decodeEvents(file: Uint8Array): { events: TensorBoardEvent[]; complete: boolean } {
  const bytes = bytesOf(file)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: TensorBoardEvent[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + 12 > bytes.length) return { events, complete: false }
    if (view.getUint32(at + 8, true) !== maskedCrc32c(bytes.subarray(at, at + 8)))
      throw damaged(at, 'does not match its checksum')
    const length = Number(view.getBigUint64(at, true))
    const end = at + 12 + length
    if (end + 4 > bytes.length) return { events, complete: false }
    const message = bytes.subarray(at + 12, end)
    if (view.getUint32(end, true) !== maskedCrc32c(message)) throw damaged(at, 'does not match its checksum')
    try {
      events.push(readEvent(message))
    } catch {
      // The wire reader's own errors say nothing of the file.
      throw damaged(at, 'is no event')
    }
    at = end + 4
  }
  return { events, complete: true }
}

function readEvent(message: Uint8Array): TensorBoardEvent {
  const event: TensorBoardEvent = { wallTime: 0, step: 0, scalars: [] }
  eachField(message, {
    [EVENT.wallTime]: (reader) => {
      event.wallTime = reader.double()
    },
    [EVENT.step]: (reader) => {
      event.step = Number(reader.int64())
    },
    [EVENT.fileVersion]: (reader) => {
      event.fileVersion = reader.string()
    },
    [EVENT.summary]: (reader) =>
      eachField(reader.bytes(), {
        [SUMMARY.value]: (value) => event.scalars.push(readValue(value.bytes())),
      }),
  })
  return event
}

function readValue(message: Uint8Array): { tag: string; value: number } {
  let tag = ''
  let value = Number.NaN
  eachField(message, {
    [VALUE.tag]: (reader) => {
      tag = reader.string()
    },
    [SIMPLE_VALUE]: (reader) => {
      value = reader.float()
    },
    [VALUE.tensor]: (reader) =>
      eachField(reader.bytes(), {
        [TENSOR.content]: (tensor) => {
          const content = tensor.bytes()
          if (content.length === 4) value = new DataView(content.slice().buffer).getFloat32(0, true)
        },
        // A scalar, packed or not; a packed list is some other kind of summary.
        [FLOAT_VALUES]: (tensor, type) => {
          if (type !== WireType.LengthDelimited) value = tensor.float()
          else {
            const packed = new BinaryReader(tensor.bytes())
            if (packed.len === 4) value = packed.float()
          }
        },
      }),
  })
  return { tag, value }
}

function eachField(
  message: Uint8Array,
  take: Record<number, (reader: BinaryReader, type: WireType) => void>,
): void {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    const taker = take[field]
    if (taker) taker(reader, type)
    else reader.skip(type, field)
  }
}

function damaged(at: number, rule: string): BasinError {
  return new BasinError(
    'file-format',
    `event file: the record at byte ${at} ${rule}`,
    'Get the file again; it is damaged, or not a TensorBoard event file.',
  )
}
