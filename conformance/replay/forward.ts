/**
 * Kind `forward`: a network in evaluation and training mode: every module's output, its statistics after one batch,
 * and the gradient of the mean cross-entropy with labels i mod C.
 * Fields: model, num_classes, input_shape, model_kwargs, activations_eval, train_ce_*; tensors input, logits_eval,
 * logits_train, new_state/, and params/ or the fill rule.
 */
import type { Network } from '../../src/core/models/network'
import { wideResnet } from '../../src/core/models/wideResnet'
import { lossAndGradient } from '../../src/core/step/objective'
import * as tf from '../../src/engine/tf'
import { type CaseResult, Checks, Unsupported } from './checks'
import { fillByName } from './fillRule'
import {
  type Activation,
  classesInTurn,
  compareActivations,
  compareGradient,
  compareLogits,
  compareStats,
  floorOf,
  type GradientSummary,
  jittered,
  LOSS_TOLERANCE,
} from './forwardChecks'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { networkCalled, wideResnetNamed, wideResnetOf } from './goldenNetworks'
import { gather } from './vectors'

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
  const floors = (fields.noise_floor_1ulp_weight_jitter ?? {}) as Record<string, number>

  const activations = isFields(fields.activations_eval) ? fields.activations_eval : {}
  const seen = new Map<string, tf.Tensor>()
  const observe = (path: string, output: tf.Tensor) => {
    if (path in activations) seen.set(path, tf.keep(output.clone()))
  }
  // Twice: with every layer shown, and as it runs when nobody looks, which may take other kernels.
  const evaluated = tf.tidy(() => network.forward(theta, stats, images, false).logits)
  compareLogits(checks, 'logits_eval', await evaluated.data(), tensors, floors)
  const observed = tf.tidy(() => network.forward(theta, stats, images, false, { observe }).logits)
  compareLogits(checks, 'logits_eval', await observed.data(), tensors, floors)
  await compareActivations(checks, activations as Record<string, Activation>, seen)

  if (hasTraining(fields, tensors)) {
    if (network.gates.width > 0) throw new Unsupported(`${network.name} in training mode without its draws`)
    await compareTraining(checks, fields, tensors, network, { theta, stats, images }, floors)
  }
  yield { name, checks }
}

function hasTraining(fields: Fields, tensors: Tensors): boolean {
  return tensors.has('logits_train') || 'train_ce_grad_norm' in fields || 'train_ce_grad_summary' in fields
}

async function compareTraining(
  checks: Checks,
  fields: Fields,
  tensors: Tensors,
  network: Network,
  at: { theta: tf.Tensor1D; stats: tf.Tensor1D; images: tf.Tensor4D },
  floors: Record<string, number>,
): Promise<void> {
  const labels = classesInTurn(at.images.shape[0], network.numClasses)
  const gradientAt = (theta: tf.Tensor1D) =>
    tf.tidy(() => lossAndGradient(network, theta, at.stats, at.images, labels, { weightDecay: 0 }))
  const trained = gradientAt(at.theta)
  compareLogits(checks, 'logits_train', await trained.logits.data(), tensors, floors)
  const read = async (tensor: tf.Tensor1D) => Float32Array.from(await tensor.data())
  const moved = { gradients: [] as Float32Array[], stats: [] as Float32Array[] }
  for (const theta of jittered(await read(at.theta))) {
    const result = gradientAt(tf.tensor1d(theta))
    moved.gradients.push(await read(result.gradient))
    moved.stats.push(await read(result.batchStats))
  }
  const newStats = await read(trained.batchStats)
  compareStats(checks, 'new_state/', network, newStats, tensors, moved.stats)
  if (typeof fields.train_ce_loss_labels_i_mod_C === 'number') {
    const expected = fields.train_ce_loss_labels_i_mod_C
    const tolerance = Math.max(LOSS_TOLERANCE * Math.max(1, expected), floorOf(floors, 'logits_train'))
    checks.scalar('train loss', (await trained.loss.data())[0], expected, tolerance)
  }
  compareGradient(
    checks,
    (fields.train_ce_grad_summary ?? {}) as Record<string, GradientSummary>,
    typeof fields.train_ce_grad_norm === 'number' ? fields.train_ce_grad_norm : undefined,
    network,
    await read(trained.gradient),
    moved.gradients,
  )
}

function networkOf(fields: Fields, tensors: Tensors): Network {
  const model = String(fields.model)
  const kwargs = isFields(fields.model_kwargs) ? fields.model_kwargs : {}
  const [height, width, channels] = tensors.get('input')!.shape.slice(1)
  const classes = Number(fields.num_classes ?? tensors.get('logits_eval')!.shape[1])
  if (!/^WideResnet(?!.*ShakeShake)/.test(model) || wideResnetNamed(model)) {
    return networkCalled(model, [height, width, channels], classes, kwargs)
  }
  // A WideResnet of a name that says nothing: its parameters or activations do.
  const skips = kwargs.use_additional_skip_connections === true
  const prefix = storedUnder(fields.params, 'params/')
  const shapes = new Map(
    [...tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { shape }]) => [key.slice(prefix.length), shape]),
  )
  if (shapes.size > 0) return wideResnetOf(shapes, [height, width, channels], skips)
  const size = sizeSeen(fields)
  if (!size) throw new Unsupported(`model ${model}: its depth and width stand nowhere in the golden`)
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
