/** What an experiment is: data, network, ρ, how long and on what. */

import { meta } from '../../fieldMeta'
import { methodFields } from '../../optim/methods'
import { z } from '../../zod'
import { DATASET_NAME } from '../datasetNames'
import { MODELS } from '../models'

export const experimentFields = {
  dataset: meta(z.string().regex(DATASET_NAME, 'a data set’s name').default('fashion_mnist'), {
    label: 'Data set',
    group: 'experiment',
    help: 'The images to learn. Fashion-MNIST comes with Basin: 60,000 training and 10,000 test images of clothes, 28 × 28, ten classes. Others are imported from their official archives or from folders of images.',
  }),
  model_name: meta(z.enum(MODELS).default('mlp'), {
    label: 'Network',
    group: 'experiment',
    help: 'mlp: dense layers; cnn_small: two convolutions and a dense head; the others are the reference’s networks, and the same ones with fewer blocks (…_mini).',
  }),
  sam_rho: meta(z.number().min(0).max(100).default(0.2), {
    label: 'SAM radius ρ',
    group: 'experiment',
    step: 0.01,
    help: 'How far SAM looks uphill before each step: it descends the loss at θ + ρ·g/‖g‖ (paper, eq. 2). 0 is plain SGD.',
  }),
  sam_variant: methodFields.sam_variant,
  runs: meta(z.string().max(4000).default('sam_rho:0;'), {
    label: 'Runs',
    group: 'experiment',
    ours: true,
    help: 'What is trained together, step by step in turn: runs separated by semicolons, each by the settings in which it differs, as sam_rho:0;sam_rho:0.05;sam_rho:0.2. A run without any has the settings as they are; name=… before them names it. Runs with the same data see the same batches in the same order.',
  }),
  num_epochs: meta(z.number().int().min(1).max(10000).default(30), {
    label: 'Epochs',
    group: 'experiment',
    step: 1,
    help: 'Passes over the training images; the learning-rate schedule ends with the last one.',
  }),
  batch_size: meta(z.number().int().min(1).max(4096).default(64), {
    label: 'Batch size',
    group: 'experiment',
    step: 1,
    help: 'Images per step. The last incomplete batch of an epoch is dropped.',
  }),
  learning_rate: meta(z.number().min(0).max(10).default(0.02), {
    label: 'Learning rate',
    group: 'experiment',
    step: 0.01,
    help: 'Base step size, before the schedule.',
  }),
  weight_decay: meta(z.number().min(0).max(1).default(0), {
    label: 'Weight decay',
    group: 'experiment',
    step: 0.0001,
    help: 'Adds λ/2·‖θ‖² to the loss; it is part of both of SAM’s gradients.',
  }),
  label_noise: meta(z.number().min(0).max(1).default(0.4), {
    label: 'Label noise',
    group: 'experiment',
    ours: true,
    step: 0.05,
    help: 'Exactly this share of the training labels is replaced by one of the other classes. Test labels are never touched.',
  }),
  num_train_examples: meta(z.number().int().min(1).max(2000000).nullable().default(5000), {
    label: 'Training images',
    group: 'experiment',
    ours: true,
    step: 500,
    help: 'How many training images to use, drawn by the seed; empty uses all.',
  }),
  run_seed: meta(z.number().int().min(0).max(4294967295).default(0), {
    label: 'Seed',
    group: 'experiment',
    step: 1,
    help: 'Draws the initial weights, the subset, the noise, the order and the augmentation. Same seed, same adapter: same run.',
  }),
} as const
