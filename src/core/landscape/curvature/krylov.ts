/**
 * Lanczos on a symmetric matrix of which only products are known: after m steps V [m, P] is an orthonormal basis of
 * span{v, Hv, …, Hᵐ⁻¹v} and VHVᵀ the tridiagonal T, whose ends are close to those of H long before m is near P.
 * Every new vector is made orthogonal to all before it, twice: without that, found eigenvalues come back as ghosts.
 * Vectors and products stay on the device, α and β come back some steps late, T is decomposed in double precision.
 * Source: Lanczos 1950; Golub & Van Loan, "Matrix Computations", §10.1 and §10.3.
 */
import { randomStream } from '../../../base/random'
import { type Captured, capture } from '../../../engine/capture/capture'
import { flatProgram } from '../../../engine/ops/flat/flat'
import { globalNorm } from '../../../engine/ops/norm/norm'
import * as tf from '../../../engine/tf'
import { type BulkReaderOptions, readInBulk } from '../../queue/bulkReader'
import { Basis, BasisKernels } from './basis'
import type { SymmetricOperator } from './operator'
import { tridiagonalEigen } from './tridiagonal'

/** β beside the matrix' size: what float32 leaves of a vector that lies in the space already. */
const EXHAUSTED = 1e-6

interface StepInput {
  v: tf.Tensor1D
  product: tf.Tensor1D
  rest: tf.Tensor1D
  diagonal: tf.Tensor1D
}
type StepOutput = { coefficients: tf.Tensor1D; next: tf.Tensor1D; diagonal: tf.Tensor1D }

const diagonalWith = flatProgram(
  { name: 'krylovDiagonal', vectors: ['diagonal', 'v', 'next'], scalars: ['alpha', 'beta'] },
  ({ diagonal, v, next, alpha, beta }) =>
    diagonal.plus(alpha.times(v.times(v))).plus(beta.times(v.times(next).times(2))),
)

/** Krylov spaces of one matrix; owns the recordings that all of them run. */
export class KrylovSpaces {
  readonly #basis: BasisKernels
  readonly #finish: Captured<StepInput, StepOutput>
  readonly #normalise = capture(({ v }: { v: tf.Tensor1D }) => tf.div(v, globalNorm(v)) as tf.Tensor1D)

  constructor(readonly operator: SymmetricOperator) {
    this.#basis = new BasisKernels(operator.size)
    this.#finish = capture(({ v, product, rest, diagonal }) => {
      const alpha: tf.Scalar = tf.sum(tf.mul(v, product))
      const beta = globalNorm(rest)
      // Not 0/0 where nothing is left.
      const next: tf.Tensor1D = tf.div(rest, tf.maximum(beta, 1e-30))
      return {
        coefficients: tf.stack([alpha, beta]) as tf.Tensor1D,
        next,
        diagonal: diagonalWith({ diagonal, v, next, alpha, beta }),
      }
    })
  }

  /** @param start [P], of any norm but 0 */
  from(start: tf.Tensor1D): KrylovSpace {
    return new KrylovSpace(this.operator, this.#basis, this.#finish, this.#normalise({ v: start }))
  }

  dispose(): void {
    this.#basis.dispose()
    this.#finish.dispose()
    this.#normalise.dispose()
  }
}

/** Where the spaces of a matrix begin by a run's seed. @returns [P], the caller's */
export function seededStart({ size }: SymmetricOperator, seed: number): tf.Tensor1D {
  const random = randomStream(seed, 'probes', 2_000_000)
  return tf.tensor1d(Float32Array.from({ length: size }, () => random.normal()))
}

export interface Growth {
  /** No more than so many vectors. */
  steps: number
  /** Asked whenever coefficients have come back; true ends the growth. */
  enough?(space: KrylovSpace): boolean
  signal?: AbortSignal
}

export class KrylovSpace {
  /** T's diagonal, and below it; β has one more than T: the norm of what the last product left. */
  readonly alpha: number[] = []
  readonly beta: number[] = []
  readonly basis: Basis
  #next: tf.Tensor1D
  #diagonal: tf.Tensor1D
  #isExhausted = false

  constructor(
    private readonly operator: SymmetricOperator,
    kernels: BasisKernels,
    private readonly finish: Captured<StepInput, StepOutput>,
    start: tf.Tensor1D,
  ) {
    this.basis = new Basis(kernels)
    this.#next = start
    this.#diagonal = tf.zeros([operator.size])
  }

  /** m, as far as it is known. */
  get steps(): number {
    return this.alpha.length
  }

  /** H maps the space into itself: all that T says is exact. */
  get isExhausted(): boolean {
    return this.#isExhausted
  }

  /**
   * The diagonal of the part of H that the space knows, VᵀVH + HVᵀV − VᵀVHVᵀV; [P], borrowed. What is missing of H's
   * own diagonal is that of PHP, P = 1 − VᵀV.
   */
  get diagonal(): tf.Tensor1D {
    return this.#diagonal
  }

  /** Steps until it is enough, also from where an earlier growth ended. */
  async grow({ steps, enough, signal }: Growth): Promise<void> {
    const most = Math.min(steps, this.operator.size)
    let isEnough = false
    const onRows: BulkReaderOptions<undefined>['onRows'] = (rows) => {
      for (const { values } of rows) {
        this.#take(values[0], values[1])
        isEnough = isEnough || this.#isExhausted || enough?.(this) === true
      }
    }
    await readInBulk<undefined>({ onRows }, async (push) => {
      while (this.basis.count < most && !isEnough && !signal?.aborted) await push([this.#step()], undefined)
    })
  }

  /** Eigenvalues of T, ascending, and these components of its eigenvectors. */
  decomposed(rows: readonly number[]) {
    return tridiagonalEigen(this.alpha, this.beta, rows)
  }

  /**
   * Vectors of H that belong to eigenvalues of T.
   * @param which positions among T's eigenvalues, ascending
   * @returns [P] of norm 1 each, the caller's
   */
  ritzVectors(which: readonly number[]): tf.Tensor1D[] {
    const { components } = this.decomposed(this.alpha.map((_, j) => j))
    return this.basis.combined(which.map((i) => components.map((row) => row[i])))
  }

  dispose(): void {
    this.basis.dispose()
    tf.dispose([this.#next, this.#diagonal])
  }

  /** @returns α and β, [2] */
  #step(): tf.Tensor1D {
    const v = this.#next
    this.basis.append(v)
    const product = this.operator.product(v)
    const rest = this.basis.without(product)
    const before = this.#diagonal
    const { coefficients, next, diagonal } = this.finish({ v, product, rest, diagonal: before })
    this.#next = next
    this.#diagonal = diagonal
    tf.dispose([v, product, rest, before])
    return coefficients
  }

  /** Steps that were under way when the space was exhausted are not of it. */
  #take(alpha: number, beta: number): void {
    if (this.#isExhausted) return
    this.alpha.push(alpha)
    this.beta.push(beta)
    const size = Math.max(...this.alpha.map(Math.abs), ...this.beta)
    this.#isExhausted = !(beta > EXHAUSTED * size)
  }
}
