/**
 * SVHN's cropped digits: MATLAB files with X, uint8 [32, 32, 3, N] column-major, and y, N labels where 10 is the
 * digit 0. Column-major puts one image after the other, each as three planes stored column by column.
 * Source: the data set's page, "Format 2"; sam_jax/datasets/dataset_source.py (train and extra are trained on
 * together).
 */

import { matVariables } from '../../formats/mat/mat'
import { knownDataset } from '../catalog/catalog'
import { baseName, broken, type Recogniser, type Sample, type SplitName, sampleLayout } from './layout'

const SIDE = 32
const PIXELS = SIDE * SIDE
const IMAGE = 3 * PIXELS

interface File {
  path: string
  split: SplitName
  group: number
  /** Classes 0 to 9. */
  labels: Uint8Array
}

export const recogniseSvhn: Recogniser = ({ mats }) => {
  const files = [...mats].flatMap(([path, variables]): File[] => {
    const x = variables.find(({ name }) => name === 'X')
    const y = variables.find(({ name }) => name === 'y')
    if (!x?.isUint8 || x.dims.length !== 4) return []
    const [height, width, channels, count] = x.dims
    if (height !== SIDE || width !== SIDE || channels !== 3) return []
    if (y?.value?.kind !== 'numeric' || y.value.values.length !== count) {
      throw broken(`${path}: y has one label for each of the ${count} images in X`)
    }
    const name = baseName(path)
    const [split, group]: [SplitName, number] = /test/i.test(name)
      ? ['test', 0]
      : ['train', /extra/i.test(name) ? 1 : 0]
    return [{ path, split, group, labels: digits(y.value.values, path) }]
  })
  if (files.length === 0) return undefined
  const counts = { train: 0, test: 0 }
  for (const { split, labels } of files) counts[split] += labels.length
  const known = knownDataset('svhn')
  const about = {
    name: 'svhn',
    title: known?.title ?? 'SVHN',
    height: SIDE,
    width: SIDE,
    channels: 3,
    classNames: known?.classNames ?? [],
    counts,
  }
  return sampleLayout(about, files, svhnImages)
}

function digits(values: ArrayLike<number>, path: string): Uint8Array {
  return Uint8Array.from(values, (label, i) => {
    if (!Number.isInteger(label) || label < 1 || label > 10) {
      throw broken(`${path}: labels from 1 to 10, got ${label} at ${i}`)
    }
    return label % 10
  })
}

async function* svhnImages(
  stream: ReadableStream<Uint8Array>,
  { path, split, group, labels }: File,
): AsyncGenerator<Sample> {
  for await (const variable of matVariables(stream, path)) {
    if (variable.name !== 'X') continue
    const data = variable.data()
    const pixels = new Uint8Array(IMAGE)
    for (const label of labels) {
      const bytes = await data.read(IMAGE)
      if (bytes.length < IMAGE) throw broken(`${path}: X ends early`)
      transpose(bytes, pixels)
      yield { split, group, label, pixels }
    }
    return
  }
}

/** [channel][column][row] to [row][column][channel]. */
function transpose(bytes: Uint8Array, pixels: Uint8Array): void {
  for (let c = 0; c < 3; c++) {
    for (let x = 0; x < SIDE; x++) {
      for (let y = 0; y < SIDE; y++) pixels[(y * SIDE + x) * 3 + c] = bytes[c * PIXELS + x * SIDE + y]
    }
  }
}
