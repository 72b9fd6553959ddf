/**
 * Goldens as google-research/sam's dump wrote them, in the explicit format. Their kinds are known by their fields,
 * networks by names and shapes, settings by flags and, where there is no field, by sentences: all such guessing is here.
 * Tensors stay as they are; only the .json is translated.
 */
import type { Stored } from '../files'
import type { Golden, GoldenCase } from '../golden'
import * as augmentation from './augmentation'
import { checkpoint, checkpointLayout, isCheckpoint, isCheckpointLayout } from './checkpoints'
import { isCompanion } from './companions'
import * as curvature from './curvature'
import * as networks from './forward'
import * as layers from './layers'
import * as scalars from './scalars'
import * as trajectories from './trajectories'

type Awaitable<T> = T | Promise<T>

/** A kind of golden of the reference: how it is known, and its cases. */
interface Translator {
  kind: string
  recognises(stored: Stored): boolean
  /** @throws Unsupported when the golden as a whole is of no use here */
  translate(stored: Stored): Awaitable<GoldenCase[] | Omit<Golden, 'kind'>>
}

/** The first that recognises a golden has it. */
const TRANSLATORS: readonly Translator[] = [
  { kind: 'shared', recognises: isCompanion, translate: () => [] },
  { kind: 'curvature', recognises: curvature.isCurvature, translate: curvature.curvature },
  { kind: 'edges', recognises: curvature.isEdges, translate: curvature.edges },
  { kind: 'variant_step', recognises: trajectories.isVariant, translate: trajectories.variants },
  { kind: 'train_smooth', recognises: trajectories.isSmooth, translate: trajectories.smooth },
  { kind: 'train', recognises: trajectories.isTrain, translate: trajectories.train },
  { kind: 'gradient_pair', recognises: trajectories.isPair, translate: trajectories.pair },
  { kind: 'raw_exponential', recognises: trajectories.isRaw, translate: trajectories.raw },
  { kind: 'forward', recognises: networks.isForward, translate: networks.forward },
  { kind: 'forward_draws', recognises: networks.isDraws, translate: networks.draws },
  { kind: 'layers_sync', recognises: layers.isSync, translate: layers.sync },
  { kind: 'layers', recognises: layers.isLayers, translate: layers.layers },
  { kind: 'architectures', recognises: networks.isArchitectures, translate: networks.architectures },
  { kind: 'losses', recognises: scalars.isLosses, translate: scalars.losses },
  { kind: 'optimizers', recognises: scalars.isOptimizers, translate: scalars.optimizers },
  { kind: 'lr_schedules', recognises: scalars.isSchedules, translate: scalars.schedules },
  { kind: 'ema_decay', recognises: scalars.isEmaDecay, translate: scalars.emaDecay },
  { kind: 'train_loop_linear', recognises: trajectories.isLoop, translate: trajectories.loop },
  { kind: 'augment_ops', recognises: augmentation.isOps, translate: augmentation.ops },
  { kind: 'augment_primitives', recognises: augmentation.isPrimitives, translate: augmentation.primitives },
  { kind: 'augment_policy', recognises: augmentation.isPolicy, translate: augmentation.policy },
  { kind: 'autoaugment', recognises: augmentation.isAuto, translate: augmentation.autoAugment },
  { kind: 'randaugment', recognises: augmentation.isRand, translate: augmentation.randAugment },
  { kind: 'augment_batch', recognises: augmentation.isBatch, translate: augmentation.batch },
  { kind: 'checkpoint', recognises: isCheckpoint, translate: checkpoint },
  { kind: 'checkpoint layout', recognises: isCheckpointLayout, translate: checkpointLayout },
  { kind: 'imagenet', recognises: augmentation.isImagenet, translate: augmentation.imagenet },
]

/** What a file of the reference is; undefined when it is none that can be replayed. */
export function translationOf(stored: Stored): { kind: string; golden(): Promise<Golden> } | undefined {
  const found = TRANSLATORS.find(({ recognises }) => recognises(stored))
  if (!found) return undefined
  const { kind, translate } = found
  return {
    kind,
    async golden() {
      const translated = await translate(stored)
      return { kind, ...(Array.isArray(translated) ? { cases: translated } : translated) }
    },
  }
}
