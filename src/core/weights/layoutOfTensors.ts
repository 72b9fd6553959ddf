/** A layout read off a file's own tensors: what can be done with weights whose network is not known. */
import type { NamedTensor } from '../formats/tensorData'
import { type PartEntry, type PartLayout, TRAINING_PREFIXES } from './weightParts'

/** @param tensors under the names of weights.ts, in the order that the vectors shall have */
export function layoutOfTensors(tensors: ReadonlyMap<string, Pick<NamedTensor, 'shape'>>): PartLayout {
  const own = [...tensors].filter(([name]) => !TRAINING_PREFIXES.some((prefix) => name.startsWith(prefix)))
  return {
    params: layOut(own.filter(([name]) => !name.startsWith('/'))),
    stats: layOut(own.filter(([name]) => name.startsWith('/'))),
  }
}

function layOut(tensors: [string, Pick<NamedTensor, 'shape'>][]): PartLayout['params'] {
  let offset = 0
  const entries = tensors.map(([name, { shape }]): PartEntry => {
    const size = shape.reduce((a, b) => a * b, 1)
    offset += size
    return { name, shape, size, offset: offset - size }
  })
  return { entries, size: offset }
}
