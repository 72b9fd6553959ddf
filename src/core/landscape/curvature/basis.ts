/**
 * Orthonormal vectors that stay on the device, in blocks of a few rows, so that projecting on all of them takes a few
 * dispatches a block and the same recordings serve a basis that grows.
 */
import { type Captured, capture } from '../../../engine/capture/capture'
import * as tf from '../../../engine/tf'

/** Vectors a block, where one binding holds so many. */
const ROWS = 8
/** What every WebGPU device binds at once: 128 MiB of float32. */
const BOUND_VALUES = 2 ** 25

/** The recordings of bases of vectors [P]; they serve any number of bases. */
export class BasisKernels {
  readonly rows: number
  readonly put: Captured<{ block: tf.Tensor2D; row: tf.Tensor2D; v: tf.Tensor1D }, tf.Tensor2D>
  readonly remove: Captured<{ block: tf.Tensor2D; w: tf.Tensor1D }, tf.Tensor1D>
  readonly combine: Captured<{ block: tf.Tensor2D; weights: tf.Tensor2D }, tf.Tensor2D>

  constructor(readonly size: number) {
    this.rows = Math.max(1, Math.min(ROWS, Math.floor(BOUND_VALUES / size)))
    this.put = capture(({ block, row, v }) => tf.add(block, tf.mul(row, tf.reshape(v, [1, size]))))
    this.remove = capture(({ block, w }) => {
      const shares = tf.sum(tf.mul(block, tf.reshape(w, [1, size])), 1, true)
      const inside = tf.matMul(tf.reshape(shares, [1, this.rows]) as tf.Tensor2D, block)
      return tf.sub(w, tf.reshape(inside, [size]))
    })
    this.combine = capture(({ block, weights }) => tf.matMul(weights, block))
  }

  dispose(): void {
    for (const recorded of [this.put, this.remove, this.combine]) recorded.dispose()
  }
}

export class Basis {
  /** [rows, P] each; rows that are not taken yet are zero. */
  readonly #blocks: tf.Tensor2D[] = []
  #count = 0

  constructor(private readonly kernels: BasisKernels) {}

  get count(): number {
    return this.#count
  }

  /** @param v [P] of norm 1, orthogonal to those that are here; copied */
  append(v: tf.Tensor1D): void {
    const { rows, size, put } = this.kernels
    const row = this.#count++ % rows
    if (row === 0) this.#blocks.push(tf.zeros([rows, size]))
    const last = this.#blocks.length - 1
    const block = this.#blocks[last]
    const place = tf.tensor2d(unit(rows, row), [rows, 1])
    this.#blocks[last] = put({ block, row: place, v })
    tf.dispose([block, place])
  }

  /**
   * w without its part in the basis: classical Gram–Schmidt, twice, since once leaves what rounding put back.
   * Source: Giraud, Langou, Rozložník 2005.
   * @param w [P]
   * @returns [P], the caller's
   */
  without(w: tf.Tensor1D): tf.Tensor1D {
    let rest = tf.clone(w)
    for (const block of [...this.#blocks, ...this.#blocks]) {
      const less = this.kernels.remove({ block, w: rest })
      rest.dispose()
      rest = less
    }
    return rest
  }

  /**
   * @param weights for each result one number a vector of the basis; vectors beyond its end do not count
   * @returns Σ weightⱼ·vⱼ for each, [P], the caller's
   */
  combined(weights: readonly ArrayLike<number>[]): tf.Tensor1D[] {
    const { rows, size, combine } = this.kernels
    let sum: tf.Tensor2D | undefined
    this.#blocks.forEach((block, b) => {
      const values = weights.flatMap((one) => Array.from({ length: rows }, (_, r) => one[b * rows + r] ?? 0))
      const part = tf.tensor2d(values, [weights.length, rows])
      const product = combine({ block, weights: part })
      const before = sum
      sum = before ? tf.add(before, product) : product
      tf.dispose([part, ...(before ? [before, product] : [])])
    })
    const results = tf.unstack(sum ?? tf.zeros([weights.length, size])) as tf.Tensor1D[]
    sum?.dispose()
    return results
  }

  dispose(): void {
    tf.dispose(this.#blocks)
    this.#blocks.length = 0
    this.#count = 0
  }
}

const unit = (length: number, at: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (i === at ? 1 : 0))
