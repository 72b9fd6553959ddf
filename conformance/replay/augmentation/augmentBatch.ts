/** Kind `augment_batch`: what happens around the image operations, a case a part. */
import { flipPadCrop } from '../../../src/core/data/augment/basic'
import { cutout, cutoutSquare, mixup } from '../../../src/core/data/augment/batchLevel'
import { normalisationTable, normaliseInto } from '../../../src/core/data/batches/normalise'
import { knownDataset } from '../../../src/core/data/catalog/catalog'
import { bicubicResize } from '../../../src/core/data/pictures/bicubic'
import { heldOutImages } from '../../../src/core/data/selection/holdOut'
import { z } from '../../../src/core/zod'
import { type GoldenTensor, type Tensors, Unsupported } from '../../golden'
import type { Checks } from '../checks'
import { kind } from '../kind'
import { needTensor, row } from '../vectors'
import { bytesOf, decodedOnDevice, shapeOf } from './augmentImages'

const FLOAT = 1e-6

const { number, string, strictObject, literal } = z
const numbers = z.array(number())
const pair = z.tuple([number(), number()])
const normalisation = { mean: numbers, std: numbers }

/** Names are those of tensors: `image` goes in, `result` must come out. */
const basic = strictObject({ image: string(), result: string(), flip: number(), offset: pair, pad: number() })

const square = strictObject({
  name: string(),
  side: pair,
  length: number(),
  /** [row, column] */
  centre: pair,
  /** First and last that are zeroed; empty where none is. */
  rows: numbers,
  columns: numbers,
  /** A mask, 1 where zeroed. */
  mask: string().optional(),
})

const mixed = strictObject({ batch: string(), result: string(), share: number() })

/** `images` are those of `result`, in their order. */
const preprocessed = strictObject({ images: z.array(string()), result: string(), ...normalisation })

const resized = strictObject({ images: z.array(string()), result: string() })

const dataset = strictObject({
  name: string(),
  ...normalisation,
  /** Training images, with and without the held-out ones. */
  num_train: number().optional(),
  num_train_held_out: number().optional(),
})

const fields = z.discriminatedUnion('part', [
  strictObject({ part: literal('basic'), cases: z.array(basic) }),
  strictObject({ part: literal('cutout'), cases: z.array(square) }),
  strictObject({ part: literal('mixup'), cases: z.array(mixed) }),
  strictObject({ part: literal('preprocess'), cases: z.array(preprocessed) }),
  strictObject({ part: literal('resize_bicubic'), cases: z.array(resized) }),
  strictObject({ part: literal('data sets'), cases: z.array(dataset) }),
])

export const augmentBatch = kind('augment_batch', fields, async (one, checks, { tensors }) => {
  switch (one.part) {
    case 'basic':
      for (const each of one.cases) await compareBasic(checks, each, tensors)
      break
    case 'cutout':
      for (const each of one.cases) await compareCutout(checks, each, tensors)
      break
    case 'mixup':
      for (const each of one.cases) compareMixup(checks, each, tensors)
      checks.note = 'Differs: mixup and mixcut can be chosen; the reference’s data sets refuse them'
      break
    case 'preprocess':
      for (const each of one.cases) await comparePreprocess(checks, each, tensors)
      break
    case 'resize_bicubic':
      for (const each of one.cases) compareResize(checks, each, tensors)
      break
    case 'data sets':
      for (const each of one.cases) compareDataset(checks, each)
  }
})

async function compareBasic(
  checks: Checks,
  { image: name, result, flip, offset, pad }: z.infer<typeof basic>,
  tensors: Tensors,
): Promise<void> {
  const image = needTensor(tensors, name)
  const out = new Uint8Array(image.data.length)
  const draw = [flip, ...offset]
  const shape = shapeOf(image)
  flipPadCrop(bytesOf(image), shape, draw, out, pad)
  const expected = needTensor(tensors, result).data
  checks.compare(result, out, expected, 0)
  const onDevice = await decodedOnDevice({ pixels: bytesOf(image), moves: Uint8Array.from(draw), pad }, shape)
  if (onDevice) checks.compare(`${result}, on the device`, onDevice, expected, 0)
}

async function compareCutout(
  checks: Checks,
  { name, side, length, centre, rows, columns, mask }: z.infer<typeof square>,
  tensors: Tensors,
): Promise<void> {
  const shape = { height: side[0], width: side[1], channels: 1 }
  const at = { row: centre[0], column: centre[1] }
  const ones = new Float32Array(shape.height * shape.width).fill(1)
  cutout(ones, shape, length, at)
  const pixels = new Uint8Array(ones.length).fill(1)
  const onDevice = await decodedOnDevice({ pixels, square: cutoutSquare(length, at, shape) }, shape)
  if (onDevice) checks.compare(`${name}, on the device`, onDevice, ones, 0)
  const zeroed = ones.map((value) => 1 - value)
  if (mask) checks.compare(name, zeroed, needTensor(tensors, mask).data, 0)
  const zeros = [...ones.keys()].filter((i) => ones[i] === 0)
  const range = (values: number[]) => (values.length > 0 ? [Math.min(...values), Math.max(...values)] : [])
  const row = (i: number) => Math.floor(i / shape.width)
  checks.compare(`${name}/rows`, range(zeros.map(row)), rows, 0)
  checks.compare(`${name}/columns`, range(zeros.map((i) => i % shape.width)), columns, 0)
}

function compareMixup(
  checks: Checks,
  { batch, result, share }: z.infer<typeof mixed>,
  tensors: Tensors,
): void {
  const stored = needTensor(tensors, result)
  const rows = Float32Array.from(needTensor(tensors, batch).data)
  mixup(rows, stored.shape[0], share)
  checks.compare(result, rows, stored.data, FLOAT)
}

async function comparePreprocess(
  checks: Checks,
  { images, result, ...own }: z.infer<typeof preprocessed>,
  tensors: Tensors,
): Promise<void> {
  const stored = needTensor(tensors, result)
  const out = new Float32Array(stored.data.length)
  const size = out.length / images.length
  const table = normalisationTable(own)
  for (const [i, name] of images.entries()) {
    const pixels = corner(needTensor(tensors, name), stored)
    normaliseInto(pixels, table, out, i * size)
    const onDevice = await decodedOnDevice({ pixels, table }, shapeOf(stored))
    if (onDevice) checks.compare(`${result}, on the device`, onDevice, row(stored, i), 0)
  }
  checks.compare(result, out, stored.data, 0)
}

function compareResize(checks: Checks, { images, result }: z.infer<typeof resized>, tensors: Tensors): void {
  const stored = needTensor(tensors, result)
  const from = images.map((name) => needTensor(tensors, name))
  const joined = Uint8Array.from(from.flatMap((image) => [...bytesOf(image)]))
  const ours = bicubicResize(shapeOf(from[0]), shapeOf(stored))(joined, images.length)
  checks.compare(result, ours, stored.data, 0)
}

/** Mean, std and sizes as Basin has them. */
function compareDataset(checks: Checks, { name, ...own }: z.infer<typeof dataset>): void {
  const known = knownDataset(name)
  if (!known) throw new Unsupported(`data set ${name}`)
  // They are float32, printed with more digits or fewer.
  checks.compare(`${name}/mean`, known.mean.map(Math.fround), own.mean.map(Math.fround), 0)
  checks.compare(`${name}/std`, known.std.map(Math.fround), own.std.map(Math.fround), 0)
  const heldOut = heldOutImages(name, known.numTrain, false).reduce((sum, mark) => sum + mark, 0)
  const count = (what: string, ours: number, wanted: number | undefined) => {
    if (wanted !== undefined) checks.scalar(`${name}/${what}`, ours, wanted, 0)
  }
  count('use_test_set=True', known.numTrain, own.num_train)
  count('use_test_set=False', known.numTrain - heldOut, own.num_train_held_out)
}

/** The top left corner of an image, as many of its channels as there are in `like`. */
function corner(image: GoldenTensor, like: GoldenTensor): Uint8Array {
  const from = shapeOf(image)
  const { height, width, channels } = shapeOf(like)
  return Uint8Array.from({ length: height * width * channels }, (_, k) => {
    const pixel = Math.floor(k / channels)
    const at = Math.floor(pixel / width) * from.width + (pixel % width)
    return image.data[at * from.channels + (k % channels)]
  })
}
