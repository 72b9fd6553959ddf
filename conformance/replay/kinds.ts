/** Every kind of golden that can be replayed. Adding one: its file, and its line here. */

import { augmentBatch } from './augmentation/augmentBatch'
import { augmentOps, augmentPolicy, augmentPrimitives } from './augmentation/augmentOps'
import { autoAugment, randAugment } from './augmentation/augmentPolicies'
import { imagenetPreprocess } from './augmentation/imagenetPreprocess'
import { checkpointLayout } from './checkpoints/checkpointLayout'
import { checkpoint } from './checkpoints/checkpoints'
import { curvature } from './curvature/curvature'
import { edges } from './curvature/edges'
import { architectures } from './forward/architectures'
import { forward } from './forward/forward'
import { forwardDraws } from './forward/forwardDraws'
import type { Kind } from './kind'
import { layers } from './layers/layers'
import { layersSync } from './layers/layersSync'
import { emaDecay } from './scalars/emaDecay'
import { losses } from './scalars/losses'
import { optimizers } from './scalars/optimizers'
import { schedules } from './scalars/schedules'
import { gradientPair } from './trajectories/gradientPair'
import { loopLinear } from './trajectories/loopLinear'
import { rawExponential } from './trajectories/rawExponential'
import { train } from './trajectories/train'
import { trainSmooth, variantStep } from './trajectories/trainSmooth'

const KINDS: readonly Kind[] = [
  trainSmooth,
  variantStep,
  train,
  gradientPair,
  rawExponential,
  loopLinear,
  forward,
  forwardDraws,
  layers,
  layersSync,
  architectures,
  losses,
  optimizers,
  schedules,
  emaDecay,
  augmentOps,
  augmentPrimitives,
  augmentPolicy,
  autoAugment,
  randAugment,
  augmentBatch,
  imagenetPreprocess,
  checkpoint,
  checkpointLayout,
  curvature,
  edges,
]

export const kindNamed = (name: string): Kind | undefined => KINDS.find((kind) => kind.name === name)
