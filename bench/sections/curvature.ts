/**
 * Second derivatives: a Hessian-vector product beside a gradient of the same batch, the JavaScript it costs and what it
 * leaves on the device; and both ends of the spectrum of the first visit's mlp, in epochs of its SGD + SAM pair.
 */
import { messageOf } from '../alternate'
import { type Arena, caseOf, withHost } from '../arena'
import { figure } from '../stats'
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
      const ratios = times.product.map((ms, i) => ms / times.gradient[i])
      arena.add([
        { name: 'hvp_over_gradient', unit: 'ratio', basin: figure(ratios), ...named },
        { name: 'hvp', unit: 'ms', basin: figure(times.product), ...named },
        { name: 'gradient', unit: 'ms', basin: figure(times.gradient), ...named },
        { name: 'js_ms_hvp', unit: 'ms', basin: figure(times.jsMs), ...named },
        { name: 'dispatches_hvp', unit: 'count', basin: figure([times.dispatches]), ...named },
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
  if (arena.options.models.includes('mlp')) await eigenvalues(arena, CASES[0])
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
