/**
 * Second derivatives: a Hessian-vector product beside a gradient of the same batch, the JavaScript it costs and what it
 * leaves on the device; both ends of the spectrum of the first visit's mlp, in epochs of its SGD + SAM pair; what λ₁
 * beside its training takes of the time; and what a point of a surface costs where there are more of them.
 */
import { messageOf } from '../alternate'
import { type Arena, addMeasured, caseOf, withHost } from '../arena'
import { rowOf } from '../report'
import { against, figure } from '../stats'
import type { Spec } from '../workload'

const CASES: readonly Spec[] = [
  { model: 'mlp', shape: [28, 28, 1], batch: 64 },
  { model: 'cnn_small', shape: [28, 28, 1], batch: 64 },
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 },
]
/** Images of the first visit's training set, and those that its eigenvalues are taken on. */
const EPOCH_IMAGES = 5_000
const EIGEN_IMAGES = 1_000

export interface ProductTimes {
  /** ms each, in turn. */
  product: number[]
  gradient: number[]
  /** JavaScript of a product before it waits for the device. */
  jsMs: number[]
  dispatches: number
  /** Made on the device during so many products after the first. */
  buffers: number
  products: number
}

/** ms a point, in turn. */
export interface SurfaceSizes {
  coarse: number[]
  fine: number[]
}

export interface EigenTimes {
  ms: number
  products: number
  pairStepMs: number
}

export async function curvature(arena: Arena): Promise<void> {
  for (const spec of CASES.filter(({ model }) => arena.options.models.includes(model))) {
    arena.say(`second derivatives of ${spec.model}`)
    const of = caseOf(spec)
    await addMeasured(arena, of, 'hvp_over_gradient', 'ratio', async () => {
      const workload = arena.server.offer(spec)
      const times = await withHost(arena, 'basin', (host) =>
        host.ask<ProductTimes>('products', workload, arena.options.seconds),
      )
      const ratio = rowOf(of, 'hvp_over_gradient', 'ratio', ratios(times))
      const torch = await doubleBackward(arena, workload)
      if (torch) {
        const own = figure(ratios(times))
        ratio.peers.torch = 'error' in torch ? torch : against(own, figure(ratios(torch)))
      }
      return [
        ratio,
        rowOf(of, 'hvp', 'ms', times.product),
        rowOf(of, 'gradient', 'ms', times.gradient),
        // In WebAssembly a kernel runs when it is called: there is no JavaScript apart.
        ...(arena.options.device === 'webgpu'
          ? [rowOf(of, 'js_ms_hvp', 'ms', times.jsMs), rowOf(of, 'dispatches_hvp', 'count', times.dispatches)]
          : []),
        rowOf(of, `buffers_after_${times.products}_hvp`, 'count', times.buffers),
      ]
    })
  }
  if (!arena.options.models.includes('mlp')) return
  await eigenvalues(arena, CASES[0])
  await liveEigenvalue(arena, CASES[0])
  await surfaceSizes(arena, CASES[0])
}

type Pair = Pick<ProductTimes, 'product' | 'gradient'>

const ratios = ({ product, gradient }: Pair) => product.map((ms, i) => ms / gradient[i])

/** PyTorch's, where it takes part. */
async function doubleBackward(arena: Arena, workload: string): Promise<Pair | { error: string } | undefined> {
  if (!arena.options.peers.includes('torch')) return undefined
  try {
    return await withHost(arena, 'torch', (host) =>
      host.ask<Pair>('products', workload, arena.options.seconds),
    )
  } catch (error) {
    return { error: messageOf(error) }
  }
}

/** Points of two sizes of surface on the first visit's images: what a point costs should not depend on how many there are. */
async function surfaceSizes(arena: Arena, spec: Spec): Promise<void> {
  arena.say(`surfaces of ${spec.model} in two sizes`)
  const offered = { ...spec, batch: EIGEN_IMAGES }
  const of = caseOf(offered)
  await addMeasured(arena, of, 'surface_point_41_over_21', 'ratio', async () => {
    const workload = arena.server.offer(offered)
    const { coarse, fine } = await withHost(arena, 'basin', (host) =>
      host.ask<SurfaceSizes>('surfaceSizes', workload, spec.batch, arena.options.seconds),
    )
    const ratio = fine.map((ms, i) => ms / coarse[i])
    return [
      rowOf(of, 'surface_point_41_over_21', 'ratio', ratio),
      rowOf(of, 'surface_point_41x41', 'ms', fine),
    ]
  })
}

/** λ₁ of 500 images every 100 steps of the first visit's pair, from the vectors found last: its share of the time. */
async function liveEigenvalue(arena: Arena, spec: Spec): Promise<void> {
  arena.say(`live λ₁ of ${spec.model}`)
  const of = caseOf(spec)
  await addMeasured(arena, of, 'live_lambda1_share', 'share', async () => {
    const workload = arena.server.offer({ ...spec, batch: EIGEN_IMAGES })
    const shares = await withHost(arena, 'basin', (host) =>
      host.ask<number[]>('liveEigenvalue', workload, spec.batch, arena.options.seconds),
    )
    return [rowOf(of, 'live_lambda1_share', 'share', shares)]
  })
}

async function eigenvalues(arena: Arena, spec: Spec): Promise<void> {
  arena.say(`eigenvalues of ${spec.model}`)
  const offered = { ...spec, batch: EIGEN_IMAGES }
  const of = caseOf(offered)
  await addMeasured(arena, of, 'top5_and_min_lambda', 'epochs', async () => {
    const workload = arena.server.offer(offered)
    const times = await withHost(arena, 'basin', (host) =>
      host.ask<EigenTimes>('eigenvalues', workload, spec.batch, arena.options.seconds),
    )
    const epochMs = (EPOCH_IMAGES / spec.batch) * times.pairStepMs
    return [
      rowOf(of, 'top5_and_min_lambda', 'epochs', times.ms / epochMs),
      rowOf(of, 'top5_and_min_lambda_products', 'count', times.products),
    ]
  })
}
