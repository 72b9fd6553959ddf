/**
 * The most GFLOP/s a matrix product reaches on this device: what the kernels of a profile are measured against.
 * Several plain WGSL products are timed on growing matrices, and the best counts: register tiles without barriers
 * (what CPU adapters like), tiles in workgroup memory (what GPUs like), and whatever product tfjs runs here.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import * as tf from '../tf'
import { submitAll } from './profile'

export interface MatmulPeak {
  gflops: number
  /** Which product it was, and the side of its square matrices. */
  kernel: string
  size: number
}

/** Stop growing once one product takes this long. */
const LONG_MS = 60
const SIZES = [256, 512, 1024, 2048, 4096]
const REPEATS = 5

interface Candidate {
  name: string
  prepare(size: number): { run(): void; dispose(): void }
}

/** Takes some seconds on a CPU adapter. Leaves nothing on the device. */
export async function measureMatmulPeak(backend: WebGPUBackend): Promise<MatmulPeak> {
  let best: MatmulPeak = { gflops: 0, kernel: 'none', size: 0 }
  for (const candidate of candidates(backend)) {
    for (const size of SIZES) {
      const product = candidate.prepare(size)
      const ms = await shortest(backend, product.run)
      product.dispose()
      const gflops = (2 * size ** 3) / ms / 1e6
      if (gflops > best.gflops) best = { gflops, kernel: candidate.name, size }
      if (ms > LONG_MS) break
    }
  }
  return best
}

/** ms of one product; several are queued together, so that the way to the device and back does not count. */
async function shortest(backend: WebGPUBackend, run: () => void): Promise<number> {
  const timed = async (products: number) => {
    const started = performance.now()
    for (let i = 0; i < products; i++) run()
    submitAll(backend)
    await backend.device.queue.onSubmittedWorkDone()
    return (performance.now() - started) / products
  }
  await timed(1)
  const once = await timed(1)
  const together = Math.max(1, Math.min(50, Math.round(LONG_MS / once)))
  let best = once
  for (let i = 0; i < REPEATS; i++) best = Math.min(best, await timed(together))
  return best
}

/**
 * The product that was fastest, again: beside kernels that are timed at the same moment, since what else a machine
 * does changes from second to second.
 * @returns products and ms
 */
export async function repeatPeak(
  backend: WebGPUBackend,
  { kernel, size }: MatmulPeak,
  minMs: number,
): Promise<{ steps: number; ms: number }> {
  const candidate = candidates(backend).find(({ name }) => name === kernel)!
  const product = candidate.prepare(size)
  const settle = () => {
    submitAll(backend)
    return backend.device.queue.onSubmittedWorkDone()
  }
  product.run()
  await settle()
  const started = performance.now()
  let steps = 0
  for (let n = 1; performance.now() - started < minMs; n = Math.min(2 * n, 64)) {
    for (let i = 0; i < n; i++) product.run()
    await settle()
    steps += n
  }
  const ms = performance.now() - started
  product.dispose()
  return { steps, ms }
}

function candidates(backend: WebGPUBackend): Candidate[] {
  const { device } = backend
  return [
    own(device, 'register tiles 8 × 8', registerTile(8, 2), (n) => [n / 8 / 8, n / 8 / 8]),
    own(device, 'register tiles 8 × 16', registerTile(8, 4), (n) => [n / 16 / 8, n / 8 / 8]),
    own(device, 'register tiles 16 × 16 of aᵀ', transposedTile(4, 4), (n) => [n / 16 / 8, n / 16 / 8]),
    own(device, 'workgroup tiles 64 × 64', WORKGROUP_TILE, (n) => [n / 64, n / 64]),
    {
      name: 'tf.matMul',
      prepare(size) {
        const a = tf.ones([size, size])
        const b = tf.ones([size, size])
        return { run: () => tf.dispose(tf.matMul(a, b)), dispose: () => tf.dispose([a, b]) }
      },
    },
  ]
}

function own(
  device: GPUDevice,
  name: string,
  code: string,
  workgroups: (size: number) => [number, number],
): Candidate {
  const module = device.createShaderModule({ code, label: name })
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module, entryPoint: 'main' },
    label: name,
  })
  return {
    name,
    prepare(size) {
      const buffers = [0, 1, 2].map(() =>
        device.createBuffer({ size: 4 * size * size, usage: GPUBufferUsage.STORAGE }),
      )
      const sizes = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST })
      device.queue.writeBuffer(sizes, 0, new Uint32Array([size, 0, 0, 0]))
      const entries = [...buffers, sizes].map((buffer, binding) => ({ binding, resource: { buffer } }))
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })
      const run = () => {
        const encoder = device.createCommandEncoder()
        const pass = encoder.beginComputePass()
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(...workgroups(size))
        pass.end()
        device.queue.submit([encoder.finish()])
      }
      return {
        run,
        dispose() {
          for (const buffer of [...buffers, sizes]) buffer.destroy()
        },
      }
    },
  }
}

const BINDINGS = `
@group(0) @binding(0) var<storage, read> a : array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b : array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> c : array<vec4<f32>>;
@group(0) @binding(3) var<uniform> size : vec4<u32>;`

const lines = (n: number, line: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => line(i)).join('\n')

/** Every invocation owns rows × 4·blocks results in registers. */
function registerTile(rows: number, blocks: number): string {
  return `${BINDINGS}
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let quads = size.x / 4u;
  let row = id.y * ${rows}u;
  let column = id.x * ${blocks}u;
  ${lines(rows, (r) => lines(blocks, (j) => `var s${r}_${j} = vec4<f32>();`))}
  for (var k = 0u; k < quads; k++) {
    ${lines(4, (l) => lines(blocks, (j) => `let b${l}_${j} = b[(k * 4u + ${l}u) * quads + column + ${j}u];`))}
    ${lines(
      rows,
      (r) => `{
      let v = a[(row + ${r}u) * quads + k];
      ${lines(blocks, (j) => `s${r}_${j} += v.x * b0_${j} + v.y * b1_${j} + v.z * b2_${j} + v.w * b3_${j};`)}
    }`,
    )}
  }
  ${lines(rows, (r) => lines(blocks, (j) => `c[(row + ${r}u) * quads + column + ${j}u] = s${r}_${j};`))}
}`
}

/** a is stored by columns: every vector that is read meets every other. */
function transposedTile(rowBlocks: number, blocks: number): string {
  const each = (line: (r: number, l: number, j: number) => string) =>
    lines(rowBlocks, (r) => lines(4, (l) => lines(blocks, (j) => line(r, l, j))))
  return `${BINDINGS}
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let quads = size.x / 4u;
  let row = id.y * ${rowBlocks}u;
  let column = id.x * ${blocks}u;
  ${each((r, l, j) => `var s${r}_${l}_${j} = vec4<f32>();`)}
  for (var k = 0u; k < size.x; k++) {
    ${lines(rowBlocks, (r) => `let a${r} = a[k * quads + row + ${r}u];`)}
    ${lines(blocks, (j) => `let b${j} = b[k * quads + column + ${j}u];`)}
    ${each((r, l, j) => `s${r}_${l}_${j} += a${r}[${l}] * b${j};`)}
  }
  ${each((r, l, j) => `c[((row + ${r}u) * 4u + ${l}u) * quads + column + ${j}u] = s${r}_${l}_${j};`)}
}`
}

/** 64 × 64 results a workgroup of 16 × 16, 4 × 4 each, 16 deep through workgroup memory. */
const WORKGROUP_TILE = `${BINDINGS}
var<workgroup> aTile : array<array<vec4<f32>, 4>, 64>;
var<workgroup> bTile : array<array<vec4<f32>, 16>, 16>;
@compute @workgroup_size(16, 16) fn main(
  @builtin(workgroup_id) group : vec3<u32>, @builtin(local_invocation_id) id : vec3<u32>) {
  let quads = size.x / 4u;
  let flat = id.y * 16u + id.x;
  var s : array<vec4<f32>, 4>;
  for (var k = 0u; k < quads; k += 4u) {
    aTile[flat / 4u][flat % 4u] = a[(group.y * 64u + flat / 4u) * quads + k + flat % 4u];
    bTile[id.y][id.x] = b[(k * 4u + id.y) * quads + group.x * 16u + id.x];
    workgroupBarrier();
    for (var q = 0u; q < 4u; q++) {
      let b0 = bTile[q * 4u][id.x];
      let b1 = bTile[q * 4u + 1u][id.x];
      let b2 = bTile[q * 4u + 2u][id.x];
      let b3 = bTile[q * 4u + 3u][id.x];
      for (var r = 0u; r < 4u; r++) {
        let v = aTile[id.y * 4u + r][q];
        s[r] += v.x * b0 + v.y * b1 + v.z * b2 + v.w * b3;
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    c[(group.y * 64u + id.y * 4u + r) * quads + group.x * 16u + id.x] = s[r];
  }
}`
