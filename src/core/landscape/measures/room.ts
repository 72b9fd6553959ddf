/**
 * Whether what a measure holds on the device fits beside the runs that stand there, by arithmetic before anything is
 * computed: the images it looks at, what a pass over them takes, and vectors as long as the weights.
 */
import { BasinError } from '../../../base/errors'
import { bytesText } from '../../../base/units'
import { evaluationBatch, mapBytes } from '../../evaluation/evaluationBatch'
import type { Network } from '../../models/network'
import { budgetText, EVALUATION_FACTOR, type MemoryOffer } from '../../plan/memoryPlan'
import { productBatch } from '../curvature/objective'
import { PASS } from '../lossProbe'
import type { Holding, Measure, MeasuredRun } from './measure'

/** What a device has, and what stands there already. */
export interface Room extends Pick<MemoryOffer, 'budget' | 'source' | 'largestBuffer'> {
  backend: 'webgpu' | 'wasm' | 'cpu'
  /** Bytes of the runs themselves. */
  standing: number
}

const FLOAT = 4
/** θ at a point, directions, what sums and projections make of them. */
const FEW = 8
/**
 * Bytes of a Hessian product over its layers' outputs: the pass, its tangent, and both their gradients, of which most
 * are alive together. Held against WebAssembly's arena (room.wasm.test.ts).
 */
const PRODUCT_FACTOR: Record<Room['backend'], number> = { webgpu: 8, wasm: 8, cpu: 30 }

interface Parts {
  images: number
  pass: number
  vector: number
}

/**
 * @returns how many vectors there is room for, no fewer than it holds
 * @throws BasinError `device` naming what does not fit, and what would
 */
export function checkRoom(
  measure: Pick<Measure, 'id' | 'holds'>,
  runs: readonly MeasuredRun[],
  settings: Record<string, unknown>,
  room: Room,
): number {
  const holding = holdingOf(measure, settings)
  const [largest] = [...runs].sort((a, b) => b.network.params.size - a.network.params.size)
  const left = room.budget - room.standing
  const partsOf = (images: number) => {
    const ofDataset = new Map(runs.map(({ dataset }) => [dataset, Math.min(images, dataset.train.count)]))
    const counts = [...ofDataset.values()]
    const all = counts.reduce((sum, own) => sum + own, 0)
    return parts(all, Math.max(...counts), largest.network, holding.pass, room.backend)
  }
  const of = partsOf(holding.images)
  const vectors = Math.floor((left - of.images - of.pass) / of.vector)
  if (of.vector <= room.largestBuffer && vectors >= holding.vectors) return vectors
  const total = of.images + of.pass + holding.vectors * of.vector
  const got =
    of.vector > room.largestBuffer
      ? `vectors of at most ${bytesText(room.largestBuffer)}, got weights of ${bytesText(of.vector)}`
      : `at most ${bytesText(Math.max(0, left))} of ${budgetText(room)} beside the runs, got ${bytesText(total)}: ` +
        `${holding.vectors} vectors like the weights ${bytesText(holding.vectors * of.vector)}, ` +
        `${holding.images} images ${bytesText(of.images)}, ` +
        `${holding.pass === 'product' ? 'a Hessian product' : 'a loss'} ${bytesText(of.pass)}`
  throw new BasinError(
    'device',
    `${measure.id}: memory: ${got}`,
    remedyOf(holding, vectors, left, partsOf, room),
  )
}

function holdingOf({ holds }: Pick<Measure, 'holds'>, settings: Record<string, unknown>): Holding {
  const own = holds?.(settings)
  const images = typeof settings.num_images === 'number' ? settings.num_images : 0
  return { images, pass: 'loss', ...own, vectors: (own?.vectors ?? 0) + FEW }
}

/** @param images on the device @param count of them that a measure looks at */
export function parts(
  images: number,
  count: number,
  network: Pick<Network, 'layers' | 'params' | 'inputShape' | 'numClasses'>,
  pass: Holding['pass'],
  backend: Room['backend'],
): Parts {
  const perImage = network.layers.reduce((sum, { out }) => sum + size(out), 0)
  return {
    images: images * FLOAT * (size(network.inputShape) + network.numClasses),
    pass:
      pass === 'product'
        ? PRODUCT_FACTOR[backend] * FLOAT * perImage * productBatch(network, Math.max(1, count))
        : EVALUATION_FACTOR[backend] * mapBytes(network) * Math.min(count, evaluationBatch(network, PASS)),
    vector: FLOAT * network.params.size,
  }
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

function remedyOf(
  { vectors: wanted, vectorsBy, images }: Holding,
  vectors: number,
  left: number,
  partsOf: (images: number) => Parts,
  { source }: Room,
): string {
  const ways: string[] = []
  const fewer = vectors - FEW
  if (vectorsBy && fewer >= 2) ways.push(`${vectorsBy} ${fewer}`)
  const fits = (count: number) => {
    const of = partsOf(count)
    return of.images + of.pass + wanted * of.vector <= left
  }
  let count = images
  while (count > 1 && !fits(count)) count = Math.floor(count / 2)
  if (count < images && fits(count)) ways.push(`num_images ${count}`)
  ways.push('a run of a smaller network')
  const text = `Choose ${ways.length > 1 ? `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}` : ways[0]}.`
  return source === 'assumed'
    ? `${text} If the device has more memory, say so with memory_budget_mib when you train.`
    : text
}
