/** Which settings have a say in a run, given the others: the form shows these. */

import { METHOD_FLAGS, methodReads } from '../optim/methods'
import { isPhotographs } from './datasetNames'
import type { FieldName, RunConfig } from './schema'

type Rule = (config: RunConfig) => boolean

const photographs: Rule = ({ dataset }) => isPhotographs(dataset)
const hasPolicy: Rule = ({ image_level_augmentations: level }) =>
  level === 'autoaugment' || level === 'aa-only'
const isRandAugment: Rule = (config) =>
  hasPolicy(config) &&
  (config.autoaugment_policy === 'randaugment' ||
    (config.autoaugment_policy === 'auto' && photographs(config)))

const RULES: Partial<Record<FieldName, Rule>> = {
  autoaugment_policy: hasPolicy,
  scale_translations: hasPolicy,
  randaug_num_layers: isRandAugment,
  randaug_magnitude: isRandAugment,
  cutout_length: ({ batch_level_augmentations: level }) => level === 'cutout' || level === 'mixcut',
  imagenet_mixup_alpha: photographs,
  top_eigenvalue_images: ({ top_eigenvalue_every }) => top_eigenvalue_every > 0,
  batch_sharpness: ({ top_eigenvalue_every, full_batch }) => top_eigenvalue_every > 0 && !full_batch,
  nesterov: ({ use_rmsprop, momentum }) => !use_rmsprop && momentum > 0,
  init_scale: ({ from_pretrained_checkpoint }) => !from_pretrained_checkpoint,
  mlp_activation: ({ model_name }) => model_name === 'mlp',
}

for (const flag of METHOD_FLAGS) RULES[flag] = (config) => methodReads(config, flag)

/** Settings without a rule always apply. */
export function fieldApplies(name: FieldName, config: RunConfig): boolean {
  return RULES[name]?.(config) ?? true
}
