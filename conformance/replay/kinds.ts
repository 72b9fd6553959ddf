/** Every kind of golden that can be replayed. Adding one: its file, and its line here. */
import { architectures } from './architectures'
import { augmentBatch } from './augmentBatch'
import { augmentOps, augmentPolicy, augmentPrimitives } from './augmentOps'
import { autoAugment, randAugment } from './augmentPolicies'
import { checkpointLayout } from './checkpointLayout'
import { checkpoint } from './checkpoints'
import { curvature } from './curvature'
import { edges } from './edges'
import { emaDecay } from './emaDecay'
import { forward } from './forward'
import { forwardDraws } from './forwardDraws'
import { gradientPair } from './gradientPair'
import { imagenetPreprocess } from './imagenetPreprocess'
import type { Kind } from './kind'
import { layers } from './layers'
import { layersSync } from './layersSync'
import { loopLinear } from './loopLinear'
import { losses } from './losses'
import { optimizers } from './optimizers'
import { rawExponential } from './rawExponential'
import { schedules } from './schedules'
import { train } from './train'
import { trainSmooth, variantStep } from './trainSmooth'

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
