/**
 * google-research/sam's default flags, which the command line starts from: plain SGD on CIFAR-10. Whatever is not named
 * here has the same default in Basin; our own settings are off, so that a command means what it means there.
 * Source: the flags of sam_jax (train.py, flax_training.py, the data sets' sources).
 */
import { DEFAULT_CONFIG, type RunConfig } from './schema'

/** All but data set and network, in which a page without CIFAR-10 differs. */
export const REFERENCE_VALUES = {
  sam_rho: 0,
  num_epochs: 200,
  batch_size: 128,
  learning_rate: 0.1,
  weight_decay: 0.001,
  image_level_augmentations: 'basic',
  label_noise: 0,
  num_train_examples: null,
  num_eval_examples: null,
} as const satisfies Partial<RunConfig>

export const REFERENCE_DEFAULTS: RunConfig = {
  ...DEFAULT_CONFIG,
  ...REFERENCE_VALUES,
  dataset: 'cifar10',
  model_name: 'WideResnet28x10',
  runs: '',
}
