/**
 * Kind `augment_batch`: what happens around the image operations. Fields of `records`: `flip`, `offset`, `pad`, `image`
 * in the key (basic); `op` cutout with `length`, `center`, `zero_rows`, `zero_cols`. `normalisation` by data set with
 * `mean`, `std`. Tensors: `image<n>`, the records' keys, `cutout/<length>/<row>,<column>` (1 where zeroed), `batch`,
 * `batch_labels`, `mixup/<w>/image|label`, `preprocess/<data set>`, `resize_bicubic/<name>`.
 */
import { flipPadCrop, PAD } from '../../src/core/data/augment/basic'
import { cutout, cutoutSquare, mixup } from '../../src/core/data/augment/batchLevel'
import { normalisationTable, normaliseInto } from '../../src/core/data/batches/normalise'
import { knownDataset } from '../../src/core/data/catalog/catalog'
import { bicubicResize } from '../../src/core/data/pictures/bicubic'
import { heldOutImages } from '../../src/core/data/selection/holdOut'
import { bytesOf, decodedOnDevice, needTensor, recordsOf, shapeOf } from './augmentImages'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, type GoldenTensor, isFields, type Tensors } from './golden'

const FLOAT = 1e-6

type Awaitable<T> = T | Promise<T>

const isBasic = (record: Fields) => 'flip' in record && Array.isArray(record.offset)
const isCutout = (record: Fields) => 'length' in record && Array.isArray(record.center)
const TENSOR = /^(mixup|preprocess|resize_bicubic)\//

export function isAugmentBatch(golden: Golden): boolean {
  const records = recordsOf(golden).some((record) => isBasic(record) || isCutout(record))
  return records || [...golden.tensors.keys()].some((name) => TENSOR.test(name))
}

export async function* runAugmentBatch(golden: Golden): AsyncGenerator<CaseResult> {
  const parts: [string, (checks: Checks, golden: Golden) => Awaitable<string | undefined>][] = [
    ['basic', basicCases],
    ['cutout', cutoutCases],
    ['mixup', mixupCases],
    ['preprocess', preprocessCases],
    ['resize_bicubic', resizeCases],
    ['data sets', datasetCases],
  ]
  for (const [part, compare] of parts) {
    const name = `${golden.name}/${part}`
    const checks = new Checks()
    try {
      const note = await compare(checks, golden)
      if (checks.count > 0) yield { name, checks, note }
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      yield { name, unsupported: error.message }
    }
  }
}

async function basicCases(checks: Checks, golden: Golden): Promise<undefined> {
  for (const record of recordsOf(golden).filter(isBasic)) {
    const key = String(record.key)
    const image = needTensor(
      golden.tensors,
      `image${record.image ?? /(?:^|\/)im(?:a)?g(?:e)?(\d+)/.exec(key)?.[1]}`,
    )
    const out = new Uint8Array(image.data.length)
    const draw = [Number(record.flip), ...(record.offset as number[])]
    const pad = Number(record.pad ?? PAD)
    const shape = shapeOf(image)
    flipPadCrop(bytesOf(image), shape, draw, out, pad)
    const expected = needTensor(golden.tensors, key).data
    checks.compare(key, out, expected, 0)
    const moves = Uint8Array.from(draw)
    const onDevice = await decodedOnDevice({ pixels: bytesOf(image), moves, pad }, shape)
    if (onDevice) checks.compare(`${key}, on the device`, onDevice, expected, 0)
  }
}

async function cutoutCases(checks: Checks, golden: Golden): Promise<undefined> {
  for (const { length, center, zero_rows, zero_cols } of recordsOf(golden).filter(isCutout)) {
    const [row, column] = center as [number, number]
    const key = `cutout/${length}/${row},${column}`
    const stored = golden.tensors.get(key)
    const shape = { ...sideOf(stored ?? anyImage(golden)), channels: 1 }
    const ones = new Float32Array(shape.height * shape.width).fill(1)
    cutout(ones, shape, Number(length), { row, column })
    const square = cutoutSquare(Number(length), { row, column }, shape)
    const onDevice = await decodedOnDevice({ pixels: new Uint8Array(ones.length).fill(1), square }, shape)
    if (onDevice) checks.compare(`${key}, on the device`, onDevice, ones, 0)
    if (stored)
      checks.compare(
        key,
        ones.map((one) => 1 - one),
        stored.data,
        0,
      )
    const zeros = [...ones.keys()].filter((i) => ones[i] === 0)
    const range = (values: number[]) => (values.length > 0 ? [Math.min(...values), Math.max(...values)] : [])
    checks.compare(
      `${key}/rows`,
      range(zeros.map((i) => Math.floor(i / shape.width))),
      (zero_rows ?? []) as number[],
      0,
    )
    checks.compare(
      `${key}/columns`,
      range(zeros.map((i) => i % shape.width)),
      (zero_cols ?? []) as number[],
      0,
    )
  }
}

function mixupCases(checks: Checks, golden: Golden): string | undefined {
  for (const [key, stored] of golden.tensors) {
    const [, share, what] = /^mixup\/([^/]+)\/(image|label)$/.exec(key) ?? []
    if (!what) continue
    const rows = Float32Array.from(
      needTensor(golden.tensors, what === 'image' ? 'batch' : 'batch_labels').data,
    )
    mixup(rows, stored.shape[0], Number(share))
    checks.compare(key, rows, stored.data, FLOAT)
  }
  return 'Differs: mixup and mixcut can be chosen; the reference’s data sets refuse them'
}

async function preprocessCases(checks: Checks, golden: Golden): Promise<undefined> {
  for (const [key, stored] of golden.tensors) {
    const [, dataset] = /^preprocess\/(.+)$/.exec(key) ?? []
    if (!dataset) continue
    const [count] = stored.shape
    const out = new Float32Array(stored.data.length)
    const size = out.length / count
    const table = normalisationTable(normalisationOf(golden, dataset))
    for (let i = 0; i < count; i++) {
      const pixels = corner(golden.tensors, i, stored)
      normaliseInto(pixels, table, out, i * size)
      const onDevice = await decodedOnDevice({ pixels, table }, shapeOf(stored))
      const expected = Array.from({ length: size }, (_, k) => stored.data[i * size + k])
      if (onDevice) checks.compare(`${key}, on the device`, onDevice, expected, 0)
    }
    checks.compare(key, out, stored.data, 0)
  }
}

function resizeCases(checks: Checks, golden: Golden): undefined {
  for (const [key, stored] of golden.tensors) {
    if (!key.startsWith('resize_bicubic/')) continue
    const [count] = stored.shape
    const images = resizedImages(golden, count)
    if (images.length !== count) throw new Unsupported(`${key}: ${count} images`)
    const from = shapeOf(images[0])
    const joined = Uint8Array.from(images.flatMap((image) => [...bytesOf(image)]))
    const ours = bicubicResize(from, shapeOf(stored))(joined, count)
    checks.compare(key, ours, stored.data, 0)
  }
}

/** Mean, std and sizes as Basin has them, of the sets it knows by name. */
function datasetCases(checks: Checks, { json }: Golden): undefined {
  const all = isFields(json) && isFields(json.normalisation) ? json.normalisation : {}
  for (const [name, own] of Object.entries(all)) {
    const known = knownDataset(name)
    if (!known || !isFields(own)) continue
    // They are float32, printed with more digits or fewer.
    checks.compare(`${name}/mean`, known.mean.map(Math.fround), (own.mean as number[]).map(Math.fround), 0)
    checks.compare(`${name}/std`, known.std.map(Math.fround), (own.std as number[]).map(Math.fround), 0)
    const heldOut = heldOutImages(name, known.numTrain, false).reduce((sum, mark) => sum + mark, 0)
    for (const [key, held] of [['use_test_set=True', 0] as const, ['use_test_set=False', heldOut] as const]) {
      const split = own[key]
      if (!isFields(split) || typeof split.num_training_obs !== 'number') continue
      checks.scalar(`${name}/${key}`, known.numTrain - held, split.num_training_obs, 0)
    }
  }
}

/** Those that the field `resize` names, else the last ones. */
function resizedImages({ json, tensors }: Golden, count: number): GoldenTensor[] {
  const named = isFields(json)
    ? [...String(json.resize ?? '').matchAll(/image\d+/g)].map(([name]) => name)
    : []
  if (named.length === count) return named.map((name) => needTensor(tensors, name))
  return imagesOf(tensors).slice(-count)
}

/** The top left corner of an image, as many of its channels as there are in `like`. */
function corner(tensors: Tensors, i: number, like: GoldenTensor): Uint8Array {
  const image = needTensor(tensors, `image${i}`)
  const from = shapeOf(image)
  const { height, width, channels } = shapeOf(like)
  return Uint8Array.from({ length: height * width * channels }, (_, k) => {
    const pixel = Math.floor(k / channels)
    const at = Math.floor(pixel / width) * from.width + (pixel % width)
    return image.data[at * from.channels + (k % channels)]
  })
}

function normalisationOf({ json }: Golden, dataset: string): { mean: number[]; std: number[] } {
  const all = isFields(json) && isFields(json.normalisation) ? json.normalisation : {}
  const own = all[dataset]
  if (!isFields(own)) throw new Unsupported(`normalisation of ${dataset}`)
  return own as unknown as { mean: number[]; std: number[] }
}

function imagesOf(tensors: Tensors): GoldenTensor[] {
  const names = [...tensors.keys()].filter((name) => /^image\d+$/.test(name))
  return names.sort().map((name) => tensors.get(name)!)
}

function anyImage({ tensors }: Golden): GoldenTensor {
  const [image] = imagesOf(tensors)
  return image ?? needTensor(tensors, 'batch')
}

/** Of an image, a batch or a mask [height, width]. */
function sideOf(tensor: GoldenTensor): { height: number; width: number } {
  if (tensor.shape.length === 2) return { height: tensor.shape[0], width: tensor.shape[1] }
  return shapeOf(tensor)
}
