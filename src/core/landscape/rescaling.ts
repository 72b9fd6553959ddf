/**
 * The same function by other weights: in a network that is positively homogeneous between two layers (ReLU, no batch
 * norm), one layer times α and the next divided by it,
 *     W₁ → αW₁,  b₁ → αb₁,  W₂ → W₂/α,
 * leaves every answer as it is. With α a power of two it does so to the bit, since no digit changes.
 * Source: Dinh, Pascanu, Bengio, Bengio, "Sharp Minima Can Generalize For Deep Nets", ICML 2017, §3.
 */
import { BasinError } from '../../base/errors'
import type { ParamEntry } from '../models/network'
import type { MeasuredRun } from './measures/measure'

export interface RescaledLayers {
  /** Kernel and bias of the layer that is multiplied, and its name. */
  first: { name: string; entries: readonly ParamEntry[] }
  /** Kernel of the layer that is divided. */
  next: { name: string; entries: readonly ParamEntry[] }
}

/** @throws BasinError `unsupported` for a network that is not homogeneous there */
export function rescaledLayers({
  key,
  config,
  network,
}: Pick<MeasuredRun, 'key' | 'config' | 'network'>): RescaledLayers {
  const names = [...new Set(network.params.entries.map(({ name }) => name.replace(/\/\w+$/, '')))]
  const homogeneous =
    network.stats.size === 0 &&
    config.model_name === 'mlp' &&
    config.mlp_activation === 'relu' &&
    names.length > 1
  if (!homogeneous) {
    const got =
      network.stats.size > 0
        ? `${config.model_name}, which has batch norm`
        : `${config.model_name} with ${names.length > 1 ? config.mlp_activation : 'one layer'}`
    throw new BasinError(
      'unsupported',
      `rescaling: a network without batch norm whose layers are joined by ReLU, got ${got} (${key})`,
      'Train an mlp with relu: the first visit’s network is one.',
    )
  }
  const of = (layer: string, what: RegExp) =>
    network.params.entries.filter(({ name }) => name.startsWith(`${layer}/`) && what.test(name))
  return {
    first: { name: names[0], entries: of(names[0], /./) },
    next: { name: names[1], entries: of(names[1], /kernel$/) },
  }
}

/** @returns [P], θ with the first of the layers times α and the next divided by it */
export function rescaled(theta: Float32Array, { first, next }: RescaledLayers, alpha: number): Float32Array {
  const out = Float32Array.from(theta)
  const times = (entries: readonly ParamEntry[], factor: number) => {
    for (const { offset, size } of entries) for (let i = offset; i < offset + size; i++) out[i] *= factor
  }
  times(first.entries, alpha)
  times(next.entries, 1 / alpha)
  return out
}

/** 2⁻ⁿ … 2ⁿ. */
export const powersOfTwo = (octaves: number): Float64Array =>
  Float64Array.from({ length: 2 * octaves + 1 }, (_, i) => 2 ** (i - octaves))
