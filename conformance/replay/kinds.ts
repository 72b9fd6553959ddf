/** Every kind of golden that can be replayed, recognised by its fields. Adding one: its file, and its line here. */

import { isArchitectures, runArchitectures } from './architectures'
import { isAugmentBatch, runAugmentBatch } from './augmentBatch'
import { isAutoAugment, isRandAugment, runAutoAugment, runRandAugment } from './augmentDraws'
import {
  isAugmentOps,
  isAugmentPolicy,
  isAugmentPrimitives,
  runAugmentOps,
  runAugmentPolicy,
  runAugmentPrimitives,
} from './augmentOps'
import type { CaseResult } from './checks'
import { isEmaDecay, runEmaDecay } from './emaDecay'
import { isCheckpoint, isCheckpointLayout, runCheckpoint, runCheckpointLayout } from './flaxCheckpoints'
import { isForward, runForward } from './forward'
import { isForwardDraws, runForwardDraws } from './forwardDraws'
import type { Golden } from './golden'
import { isGradientPair, runGradientPair } from './gradientPair'
import { isImagenetPreprocess, runImagenetPreprocess } from './imagenetPreprocess'
import { isLayers, runLayers } from './layers'
import { isLayersSync, runLayersSync } from './layersSync'
import { isLoopLinear, runLoopLinear } from './loopLinear'
import { isLosses, runLosses } from './losses'
import { isOptimizers, runOptimizers } from './optimizers'
import { isRawExponential, runRawExponential } from './rawExponential'
import { isSchedules, runSchedules } from './schedules'
import { isTrain, runTrain } from './train'
import { isTrainSmooth, runTrainSmooth } from './trainSmooth'

interface Kind {
  name: string
  recognises(golden: Golden): boolean
  /** One result a case; throws Unsupported when the golden as a whole cannot be replayed. */
  run(golden: Golden): AsyncGenerator<CaseResult>
}

const KINDS: readonly Kind[] = [
  { name: 'train_smooth', recognises: isTrainSmooth, run: runTrainSmooth },
  { name: 'train', recognises: isTrain, run: runTrain },
  { name: 'train', recognises: isGradientPair, run: runGradientPair },
  { name: 'train', recognises: isRawExponential, run: runRawExponential },
  { name: 'forward', recognises: isForward, run: runForward },
  { name: 'forward_draws', recognises: isForwardDraws, run: runForwardDraws },
  { name: 'layers_sync', recognises: isLayersSync, run: runLayersSync },
  { name: 'layers', recognises: isLayers, run: runLayers },
  { name: 'architectures', recognises: isArchitectures, run: runArchitectures },
  { name: 'losses', recognises: isLosses, run: runLosses },
  { name: 'optimizers', recognises: isOptimizers, run: runOptimizers },
  { name: 'lr_schedules', recognises: isSchedules, run: runSchedules },
  { name: 'ema_decay', recognises: isEmaDecay, run: runEmaDecay },
  { name: 'train_loop_linear', recognises: isLoopLinear, run: runLoopLinear },
  { name: 'augment_ops', recognises: isAugmentOps, run: runAugmentOps },
  { name: 'augment_primitives', recognises: isAugmentPrimitives, run: runAugmentPrimitives },
  { name: 'augment_policy', recognises: isAugmentPolicy, run: runAugmentPolicy },
  { name: 'autoaugment', recognises: isAutoAugment, run: runAutoAugment },
  { name: 'randaugment', recognises: isRandAugment, run: runRandAugment },
  { name: 'augment_batch', recognises: isAugmentBatch, run: runAugmentBatch },
  { name: 'checkpoint', recognises: isCheckpoint, run: runCheckpoint },
  { name: 'checkpoint layout', recognises: isCheckpointLayout, run: runCheckpointLayout },
  { name: 'imagenet', recognises: isImagenetPreprocess, run: runImagenetPreprocess },
]

export function kindOf(golden: Golden): Kind | undefined {
  return KINDS.find((kind) => kind.recognises(golden))
}
