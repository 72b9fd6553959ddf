/**
 * Kind `forward`: a network in evaluation and training mode, its statistics after one batch, and the gradient of the
 * mean cross-entropy with labels i mod C. WideResnets only, of any depth and width.
 * Fields: model, num_classes, input_shape, model_kwargs, train_ce_*; tensors input, logits_eval, logits_train,
 * new_state/, and params/ or the fill rule.
 */
import type { Network } from '../../core/models/network'
import { wideResnet } from '../../core/models/wideResnet'
import { lossAndGradient } from '../../core/training/objective'
import * as tf from '../../engine/tf'
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { fillByName } from './fillRule'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { wideResnetNamed, wideResnetOf } from './goldenNetworks'
import { compareEntries, gather } from './vectors'

/** Relative to the largest logit, or to a gradient's norm. */
const LOGITS_TOLERANCE = 1e-5
/** Relative to the norm of each tensor's gradient; a ReLU input near zero may have its mask flipped. */
const GRADIENT_TOLERANCE = 2e-3
const STATE_TOLERANCE = 1e-5

export function isForward({ json, tensors }: Golden): boolean {
  return isFields(json) && 'model' in json && tensors.has('input') && tensors.has('logits_eval')
}

export async function* runForward({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const fields = json as Fields
  const network = networkOf(fields, tensors)
  const gain = typeof fields.gain === 'number' ? fields.gain : 1
  const theta = tf.tensor1d(
    gather(network.params, tensors, storedUnder(fields.params, 'params/'), (entry) =>
      fillByName(entry, gain),
    ),
  )
  const stats = tf.tensor1d(
    gather(network.stats, tensors, storedUnder(fields.batch_stats, 'state/'), (entry) => fillByName(entry)),
  )
  const input = tensors.get('input')!
  const images = tf.tensor4d(Float32Array.from(input.data), input.shape as [number, number, number, number])
  const checks = new Checks()
  const factor = backendFactor()
  const scale = largest(tensors.get('logits_eval')!.data)

  const evaluated = tf.tidy(() => network.forward(theta, stats, images, false).logits)
  checks.compare(
    'logits_eval',
    await evaluated.data(),
    tensors.get('logits_eval')!.data,
    factor * LOGITS_TOLERANCE * scale,
  )
  const rows = input.shape[0]
  const labels = tf.oneHot(
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => i % network.numClasses),
      'int32',
    ),
    network.numClasses,
  )
  const trained = tf.tidy(() => {
    const { loss, gradient, logits, batchStats } = lossAndGradient(
      network,
      theta,
      stats,
      images,
      tf.cast(labels, 'float32') as tf.Tensor2D,
      { weightDecay: 0 },
    )
    return { loss, gradient, logits, batchStats }
  })
  const logitsTrain = tensors.get('logits_train')
  if (logitsTrain) {
    const tolerance = factor * LOGITS_TOLERANCE * largest(logitsTrain.data)
    checks.compare('logits_train', await trained.logits.data(), logitsTrain.data, tolerance)
  }
  const newStats = (await trained.batchStats.data()) as Float32Array
  const wanted = (entry: string) => tensors.get(`new_state/${entry}`)?.data
  compareEntries(checks, 'new_state', network.stats, newStats, wanted, (entry) => {
    return factor * STATE_TOLERANCE * largest(wanted(entry)!)
  })
  if (typeof fields.train_ce_loss_labels_i_mod_C === 'number') {
    const expected = fields.train_ce_loss_labels_i_mod_C
    const tolerance = factor * LOGITS_TOLERANCE * Math.max(1, expected)
    checks.scalar('train loss', (await trained.loss.data())[0], expected, tolerance)
  }
  compareGradient(checks, fields, network, (await trained.gradient.data()) as Float32Array)
  yield { name, checks }
}

interface GradientSummary {
  norm: number
  idx: number[]
  vals: number[]
}

/** Norm and samples of every tensor's gradient, relative to that norm. */
function compareGradient(checks: Checks, fields: Fields, network: Network, gradient: Float32Array): void {
  const factor = backendFactor()
  if (typeof fields.train_ce_grad_norm === 'number') {
    const expected = fields.train_ce_grad_norm
    checks.scalar('gradient norm', norm(gradient), expected, factor * GRADIENT_TOLERANCE * expected)
  }
  const summary = (fields.train_ce_grad_summary ?? {}) as Record<string, GradientSummary>
  for (const { name, offset, size } of network.params.entries) {
    const expected = summary[name]
    if (!expected) continue
    const part = gradient.subarray(offset, offset + size)
    const tolerance = factor * GRADIENT_TOLERANCE * expected.norm
    checks.scalar(`gradient norm/${name}`, norm(part), expected.norm, tolerance)
    checks.compare(
      `gradient/${name}`,
      expected.idx.map((i) => part[i]),
      expected.vals,
      tolerance,
    )
  }
}

function networkOf(fields: Fields, tensors: Tensors): Network {
  const model = String(fields.model)
  if (!/^WideResnet(?!.*ShakeShake)/.test(model)) throw new Unsupported(`model ${model}`)
  const options = isFields(fields.model_kwargs) ? fields.model_kwargs : {}
  const unknown = Object.keys(options).find((name) => name !== 'use_additional_skip_connections')
  if (unknown) throw new Unsupported(`model option ${unknown}`)
  const skips = options.use_additional_skip_connections === true
  const [height, width, channels] = tensors.get('input')!.shape.slice(1)
  const prefix = storedUnder(fields.params, 'params/')
  const shapes = new Map(
    [...tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { shape }]) => [key.slice(prefix.length), shape]),
  )
  if (shapes.size > 0) return wideResnetOf(shapes, [height, width, channels], skips)
  const size = wideResnetNamed(model) ?? sizeSeen(fields)
  if (!size) throw new Unsupported(`model ${model}: its depth and width stand nowhere in the golden`)
  const classes = Number(fields.num_classes ?? tensors.get('logits_eval')!.shape[1])
  return wideResnet([height, width, channels], classes, {
    name: model,
    ...size,
    useAdditionalSkipConnections: skips,
  })
}

/** The prefix of tensors that a field like `stored as params/<name>` speaks of. */
function storedUnder(field: unknown, usual: string): string {
  return /stored as (\S+\/)<name>/.exec(String(field ?? ''))?.[1] ?? usual
}

/** Depth and width from the names and shapes of the recorded gradients and activations. */
function sizeSeen({ train_ce_grad_summary, activations_eval }: Fields) {
  const names = Object.keys(isFields(train_ce_grad_summary) ? train_ce_grad_summary : {})
  const blocks = names.filter((name) => /^WideResnetGroup_0\/WideResnetBlock_\d+\/conv1\/kernel$/.test(name))
  const activations = (activations_eval ?? {}) as Record<string, { shape: number[] }>
  const channels = activations['/WideResnetGroup_0']?.shape[3]
  if (blocks.length === 0 || !channels) return undefined
  return { blocksPerGroup: blocks.length, widthMultiplier: channels / 16 }
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3)
