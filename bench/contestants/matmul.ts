/** One square matrix product again and again, on whatever copy of the library is given. */
interface Tf {
  tensor2d(values: Float32Array, shape: [number, number]): Tensor
  matMul(a: Tensor, b: Tensor): Tensor
}
interface Tensor {
  data(): Promise<unknown>
  dispose(): void
}

/** @returns a method of a contestant: so many products of n × n matrices, and what they took */
export const timedMatmul =
  (tf: unknown) =>
  async (n: number, minMs: number): Promise<{ steps: number; ms: number }> => {
    const { tensor2d, matMul } = tf as Tf
    const values = (seed: number) => Float32Array.from({ length: n * n }, (_, i) => Math.sin(i * seed))
    const [a, b] = [tensor2d(values(1), [n, n]), tensor2d(values(2), [n, n])]
    const started = performance.now()
    let steps = 0
    for (; performance.now() - started < minMs; steps++) {
      const product = matMul(a, b)
      await product.data()
      product.dispose()
    }
    const ms = performance.now() - started
    a.dispose()
    b.dispose()
    return { steps, ms }
  }
