/**
 * TensorFlow.js's weights manifest: `model.json` with names, shapes and types, and the values in shards beside it.
 * It holds weights and no model: `tf.io.http` and `tf.io.weightsLoaderFactory` read it, `tf.loadLayersModel` needs a
 * topology that it does not have.
 * Source: @tensorflow/tfjs-core io/types.ts (ModelJSON, WeightsManifestConfig).
 */
import { bytesOf, type TensorInput, tensorEntries } from '../formats/tensorData'

/** The converter's own size of a shard: small enough for every cache between. */
const SHARD_BYTES = 4 * 2 ** 20

/**
 * @param tensors float32, in their order
 * @param metadata JSON beside the weights
 * @returns file names and contents
 */
export function encodeTfjs(
  tensors: ReadonlyMap<string, TensorInput>,
  metadata: Record<string, string>,
): Map<string, Uint8Array> {
  const entries = tensorEntries(tensors, 'tfjs')
  const total = entries.reduce((sum, [, { data }]) => sum + data.byteLength, 0)
  const count = Math.max(1, Math.ceil(total / SHARD_BYTES))
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`)
  const shards = paths.map((_, i) => new Uint8Array(Math.min(SHARD_BYTES, total - i * SHARD_BYTES)))
  let at = 0
  for (const [, { data }] of entries) {
    let bytes = bytesOf(data)
    while (bytes.length > 0) {
      const start = at % SHARD_BYTES
      const part = bytes.subarray(0, SHARD_BYTES - start)
      shards[Math.floor(at / SHARD_BYTES)].set(part, start)
      at += part.length
      bytes = bytes.subarray(part.length)
    }
  }
  const weights = entries.map(([name, { shape }]) => ({ name, shape: [...shape], dtype: 'float32' }))
  const model = {
    format: 'weights',
    generatedBy: 'basin',
    convertedBy: null,
    userDefinedMetadata: metadata,
    weightsManifest: [{ paths, weights }],
  }
  const json = new TextEncoder().encode(JSON.stringify(model))
  return new Map([['model.json', json], ...paths.map((path, i) => [path, shards[i]] as const)])
}
