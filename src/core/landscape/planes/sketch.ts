/**
 * Weights by four thousand numbers that have their lengths and angles to a percent or two: every weight is added, with a
 * sign drawn for it, to one of them. Weights that are no more than that are only given signs, and lose nothing.
 * Source: Charikar, Chen, Farach-Colton, "Finding frequent items in data streams", 2002 (the count sketch).
 */
import { mix } from '../../../base/mix'

/** A prime: weights of one unit, which lie a layer's width apart, are spread over all of them. */
export const SKETCH = 4093

/** @returns [SKETCH]; linear in the weights */
export function sketchOf(weights: Float32Array): Float64Array {
  const sketch = new Float64Array(Math.min(SKETCH, weights.length))
  for (let i = 0, place = 0, signs = 0; i < weights.length; i++, place++, signs >>>= 1) {
    if (place === SKETCH) place = 0
    if ((i & 31) === 0) signs = signsOf(i)
    sketch[place] += (1 - 2 * (signs & 1)) * weights[i]
  }
  return sketch
}

/** 32 of them, the same in every sketch. */
const signsOf = (i: number): number => mix(Math.imul(i + 1, 0x9e3779b1))
