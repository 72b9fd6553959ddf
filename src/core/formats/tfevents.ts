/**
 * TensorBoard event files: a row of TFRecords, each one Event message. Scalars are written as TF 2 summaries do it:
 * a scalar float tensor with plugin `scalars`, never `simple_value`; one event a value.
 * Source: tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.h;
 * bytes as the reference's own files (goldens/tiny_events.json).
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { BasinError } from '../../base/errors'
import { maskedCrc32c } from './crc32'
import { bytesOf } from './tensorData'

const FILE_VERSION = 'brain.Event:2'
const DT_FLOAT = 1

// Field numbers.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sourceMetadata: 10 }
const SUMMARY = { value: 1 }
const VALUE = { tag: 1, simpleValue: 2, tensor: 8, metadata: 9 }
const TENSOR = { dtype: 1, shape: 2, content: 4, floatValues: 5 }
const METADATA = { pluginData: 1 }
const PLUGIN = { name: 1 }
const SOURCE = { writer: 1 }

/**
 * The first record of a file.
 * @param wallTime seconds since 1970
 */
export function encodeFileHeader(wallTime: number, writer = 'basin'): Uint8Array {
  const source = new BinaryWriter().tag(SOURCE.writer, WireType.LengthDelimited).string(writer)
  const event = beginEvent(wallTime)
    .tag(EVENT.fileVersion, WireType.LengthDelimited)
    .string(FILE_VERSION)
    .tag(EVENT.sourceMetadata, WireType.LengthDelimited)
    .bytes(source.finish())
  return record(event.finish())
}

/**
 * One value of one curve.
 * @param wallTime seconds since 1970
 * @param step optimizer step
 * @param value stored as float32
 */
export function encodeScalar(wallTime: number, step: number, tag: string, value: number): Uint8Array {
  const content = new Uint8Array(4)
  new DataView(content.buffer).setFloat32(0, value, true)
  const tensor = new BinaryWriter()
    .tag(TENSOR.dtype, WireType.Varint)
    .int32(DT_FLOAT)
    .tag(TENSOR.shape, WireType.LengthDelimited)
    .bytes(new Uint8Array())
    .tag(TENSOR.content, WireType.LengthDelimited)
    .bytes(content)
  const plugin = new BinaryWriter().tag(PLUGIN.name, WireType.LengthDelimited).string('scalars')
  const metadata = new BinaryWriter()
    .tag(METADATA.pluginData, WireType.LengthDelimited)
    .bytes(plugin.finish())
  const scalar = new BinaryWriter()
    .tag(VALUE.tag, WireType.LengthDelimited)
    .string(tag)
    .tag(VALUE.tensor, WireType.LengthDelimited)
    .bytes(tensor.finish())
    .tag(VALUE.metadata, WireType.LengthDelimited)
    .bytes(metadata.finish())
  const summary = new BinaryWriter().tag(SUMMARY.value, WireType.LengthDelimited).bytes(scalar.finish())
  const event = beginEvent(wallTime)
  // Protocol buffers leave a zero out.
  if (step !== 0) event.tag(EVENT.step, WireType.Varint).int64(step)
  return record(event.tag(EVENT.summary, WireType.LengthDelimited).bytes(summary.finish()).finish())
}

function beginEvent(wallTime: number): BinaryWriter {
  return new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(wallTime)
}

/** Length, its checksum, the message, its checksum. */
function record(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(message.length), true)
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true)
  bytes.set(message, 12)
  view.setUint32(12 + message.length, maskedCrc32c(message), true)
  return bytes
}

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
    [VALUE.simpleValue]: (reader) => {
      value = reader.float()
    },
    [VALUE.tensor]: (reader) =>
      eachField(reader.bytes(), {
        [TENSOR.content]: (tensor) => {
          const content = tensor.bytes()
          if (content.length === 4) value = new DataView(content.slice().buffer).getFloat32(0, true)
        },
        // A scalar, packed or not; a packed list is some other kind of summary.
        [TENSOR.floatValues]: (tensor, type) => {
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
