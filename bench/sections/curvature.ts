/**
 * Second derivatives: a Hessian-vector product beside a gradient of the same batch, the JavaScript it costs and what it
 * leaves on the device; both ends of the spectrum of the first visit's mlp, in epochs of its SGD + SAM pair; what λ₁
 * beside its training takes of the time; and what a point of a surface costs where there are more of them.
 */
import { messageOf } from '../alternate'
import { type Arena, caseOf, withHost } from '../arena'
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
    const named = { ...caseOf(spec), peers: {} }
    try {
      const workload = arena.server.offer(spec)
      const times = await withHost(arena, 'basin', (host) =>
        host.ask<ProductTimes>('products', workload, arena.options.seconds),
      )
      const ratio = figure(ratios(times))
      const torch = await doubleBackward(arena, workload)
      const peers = torch && {
        torch: 'error' in torch ? torch : against(ratio, figure(ratios(torch))),
      }
      arena.add([
        { ...named, name: 'hvp_over_gradient', unit: 'ratio', basin: ratio, ...(peers && { peers }) },
        { name: 'hvp', unit: 'ms', basin: figure(times.product), ...named },
        { name: 'gradient', unit: 'ms', basin: figure(times.gradient), ...named },
        // In WebAssembly a kernel runs when it is called: there is no JavaScript apart.
        ...(arena.options.device === 'webgpu'
          ? [
              { name: 'js_ms_hvp', unit: 'ms', basin: figure(times.jsMs), ...named },
              { name: 'dispatches_hvp', unit: 'count', basin: figure([times.dispatches]), ...named },
            ]
          : []),
        {
          name: `buffers_after_${times.products}_hvp`,
          unit: 'count',
          basin: figure([times.buffers]),
          ...named,
        },
      ])
    } catch (error) {
      arena.add([{ name: 'hvp_over_gradient', unit: 'ratio', basin: { error: messageOf(error) }, ...named }])
    }
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
  const named = { ...caseOf({ ...spec, batch: EIGEN_IMAGES }), peers: {} }
  try {
    const workload = arena.server.offer({ ...spec, batch: EIGEN_IMAGES })
    const { coarse, fine } = await withHost(arena, 'basin', (host) =>
      host.ask<SurfaceSizes>('surfaceSizes', workload, spec.batch, arena.options.seconds),
    )
    arena.add([
      {
        name: 'surface_point_41_over_21',
        unit: 'ratio',
        basin: figure(fine.map((ms, i) => ms / coarse[i])),
        ...named,
      },
      { name: 'surface_point_41x41', unit: 'ms', basin: figure(fine), ...named },
    ])
  } catch (error) {
    arena.add([
      { name: 'surface_point_41_over_21', unit: 'ratio', basin: { error: messageOf(error) }, ...named },
    ])
  }
}

/** λ₁ of 500 images every 100 steps of the first visit's pair, from the vectors found last: its share of the time. */
async function liveEigenvalue(arena: Arena, spec: Spec): Promise<void> {
  arena.say(`live λ₁ of ${spec.model}`)
  const named = { ...caseOf(spec), name: 'live_lambda1_share', unit: 'share', peers: {} }
  try {
    const workload = arena.server.offer({ ...spec, batch: EIGEN_IMAGES })
    const shares = await withHost(arena, 'basin', (host) =>
      host.ask<number[]>('liveEigenvalue', workload, spec.batch, arena.options.seconds),
    )
    arena.add([{ ...named, basin: figure(shares) }])
  } catch (error) {
    arena.add([{ ...named, basin: { error: messageOf(error) } }])
  }
}

async function eigenvalues(arena: Arena, spec: Spec): Promise<void> {
  arena.say(`eigenvalues of ${spec.model}`)
  const named = { ...caseOf({ ...spec, batch: EIGEN_IMAGES }), peers: {} }
  try {
    const workload = arena.server.offer({ ...spec, batch: EIGEN_IMAGES })
    const times = await withHost(arena, 'basin', (host) =>
      host.ask<EigenTimes>('eigenvalues', workload, spec.batch, arena.options.seconds),
    )
    const epochMs = (EPOCH_IMAGES / spec.batch) * times.pairStepMs
    arena.add([
      { name: 'top5_and_min_lambda', unit: 'epochs', basin: figure([times.ms / epochMs]), ...named },
      { name: 'top5_and_min_lambda_products', unit: 'count', basin: figure([times.products]), ...named },
    ])
  } catch (error) {
    arena.add([{ name: 'top5_and_min_lambda', unit: 'epochs', basin: { error: messageOf(error) }, ...named }])
  }
}
