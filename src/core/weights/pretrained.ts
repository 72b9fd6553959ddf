/**
 * Where fine-tuning starts: the weights and batch-norm statistics of a file, in place of θ₀. Where the file is of
 * another number of classes, the network's last dense layer keeps its random start. The optimizer is not taken.
 * Source: the reference's get_model with from_pretrained_checkpoint.
 */

import type { NamedTensor } from '../formats/tensorData'
import { type FreshStart, initTheta } from '../models/init'
import type { Network, ParamEntry } from '../models/network'
import { fitWeights } from './fitWeights'
import { PREFIXES, TRAINING_PREFIXES } from './weightParts'
import type { DecodedWeights } from './weights'

export interface PretrainedStart extends FreshStart {
  /** What was taken and what was not, in a sentence. */
  message: string
}

/**
 * @param decoded a training state, an export or a pretrained file; the average is taken where there is one
 * @param seed of the head that is drawn anew
 * @throws BasinError `tensor-mismatch` naming every tensor that does not fit
 */
export function pretrainedStart(
  decoded: Pick<DecodedWeights, 'filename' | 'tensors'>,
  network: Network,
  seed: number,
): PretrainedStart {
  const { filename } = decoded
  const tensors = evaluatedTensors(decoded.tensors, network)
  const head = headOf(network)
  const theta = initTheta(network, seed)
  const replaced = head.filter((entry) => differsInClasses(entry, tensors.get(entry.name)))
  for (const { name, shape, offset, size } of replaced.length > 0 ? head : []) {
    tensors.set(name, { shape: [...shape], dtype: '<f4', data: theta.subarray(offset, offset + size) })
  }
  const fitted = fitWeights({ filename, tensors }, network)
  const layer = head[0]?.name.replace(/\/\w+$/, '')
  const anew = replaced.length > 0 ? `; ${layer} is drawn anew for ${network.numClasses} classes` : ''
  const message = `Starts from ${filename}${anew}.`
  return { theta: fitted.theta, batchStats: fitted.batchStats, message }
}

/**
 * What is evaluated of a file, whatever it was trained with.
 * @throws BasinError `tensor-mismatch` naming every tensor that does not fit
 */
export function evaluatedWeights(
  { filename, tensors }: Pick<DecodedWeights, 'filename' | 'tensors'>,
  network: Network,
): FreshStart {
  const { theta, batchStats } = fitWeights({ filename, tensors: evaluatedTensors(tensors, network) }, network)
  return { theta, batchStats }
}

/**
 * What training goes on from: weights and statistics that no average was taken of.
 * @throws BasinError `tensor-mismatch` naming every tensor that does not fit
 */
export function trainedWeights(
  { filename, tensors }: Pick<DecodedWeights, 'filename' | 'tensors'>,
  network: Network,
): FreshStart {
  const { theta, batchStats } = fitWeights({ filename, tensors: plainTensors(tensors) }, network)
  return { theta, batchStats }
}

/** Weights and statistics alone. */
function plainTensors(tensors: ReadonlyMap<string, NamedTensor>): Map<string, NamedTensor> {
  const isTraining = (name: string) => TRAINING_PREFIXES.some((prefix) => name.startsWith(prefix))
  return new Map([...tensors].filter(([name]) => !isTraining(name)))
}

/** Weights and statistics, the averaged ones where the file has them; the optimizer's vectors are left out. */
function evaluatedTensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  { params, stats }: Network,
): Map<string, NamedTensor> {
  const taken = plainTensors(tensors)
  const average = (entries: readonly { name: string }[], prefix: string) => {
    for (const { name } of entries) {
      const tensor = tensors.get(prefix + name)
      if (tensor) taken.set(name, tensor)
    }
  }
  average(params.entries, PREFIXES.ema)
  average(stats.entries, PREFIXES.emaStats)
  return taken
}

/** Kernel and bias of the layer that gives the classes: the last dense one. */
function headOf({ layers, params }: Network): readonly ParamEntry[] {
  const path = layers.findLast(({ kind }) => kind === 'dense')?.path
  return params.entries.filter(({ name }) => name.replace(/\/\w+$/, '') === path)
}

/** The same tensor but for its last axis. */
function differsInClasses({ shape }: ParamEntry, tensor: NamedTensor | undefined): boolean {
  if (tensor?.shape.length !== shape.length || tensor.shape.at(-1) === shape.at(-1)) return false
  return shape.slice(0, -1).every((extent, axis) => extent === tensor.shape[axis])
}
