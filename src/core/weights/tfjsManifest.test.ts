/** Read back by TensorFlow.js itself, over its http handler as a page would. */
import '@tensorflow/tfjs-backend-cpu'
import { expect, it } from 'vitest'
import * as tf from '../../engine/tf'
import { encodeTfjs } from './tfjsManifest'

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

it('several shards, with tensors across their borders, come back by tf.io.http', async () => {
  const ramp = (size: number) => Float32Array.from({ length: size }, (_, i) => i % 9973)
  const tensors = new Map([
    ['a/kernel', { shape: [3, 5], data: ramp(15) }],
    ['big', { shape: [1500, 1001], data: ramp(1500 * 1001) }],
    ['/bn:mean', { shape: [7], data: ramp(7) }],
    ['scalar', { shape: [], data: ramp(1) }],
    ['empty', { shape: [0, 3], data: ramp(0) }],
  ])
  const files = encodeTfjs(tensors, { step: '12' })
  expect([...files.keys()]).toEqual(['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'])
  const fetchFunc = async (url: string) =>
    new Response(files.get(new URL(url).pathname.slice(1)) as Uint8Array<ArrayBuffer>)
  const handler = tf.io.http('http://here/model.json', { fetchFunc: fetchFunc as typeof fetch })
  const { weightSpecs, weightData, userDefinedMetadata } = await handler.load!()
  expect(userDefinedMetadata).toEqual({ step: '12' })
  const read = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs!)
  expect(Object.keys(read)).toEqual([...tensors.keys()])
  for (const [name, { shape, data }] of tensors) {
    expect(read[name].shape).toEqual(shape)
    // Compared as bytes: Vitest looks at numbers one by one, at millions of them for seconds.
    expect(Buffer.compare(bytesOf(await read[name].data()), bytesOf(data)), name).toBe(0)
  }
})
