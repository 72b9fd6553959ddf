/**
 * TensorBoard event files: a row of TFRecords, each one Event message. Scalars are written as TF 2 summaries do it:
 * a scalar float tensor with plugin `scalars`, never `simple_value`; one event a value.
 * Source: tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.h;
 * bytes as the reference's own files (goldens/tiny_events.json).
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { maskedCrc32c } from './crc32'

const FILE_VERSION = 'brain.Event:2'
const DT_FLOAT = 1

// Field numbers.
export const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sourceMetadata: 10 }
export const SUMMARY = { value: 1 }
export const VALUE = { tag: 1, tensor: 8, metadata: 9 }
export const TENSOR = { dtype: 1, shape: 2, content: 4 }
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
