/** What an experiment is: data, network, ρ, how long and on what. */

import { fieldsOf } from '../../fieldMeta'
import { methodFields } from '../../optim/methods'
import { choice, real, text, textLike, whole, wholeOrNone } from '../../settingTypes'
import { DATASET_NAME } from '../datasetNames'
import { MODELS } from '../models'

const field = fieldsOf('experiment')

export const experimentFields = {
  dataset: field(textLike(DATASET_NAME, 'a data set’s name', 'fashion_mnist'), {
    label: 'Data set',
    help: 'The images to learn. Fashion-MNIST comes with Basin: 60,000 training and 10,000 test images of clothes, 28 × 28, ten classes. Others are imported from their official archives or from folders of images.',
  }),
  model_name: field(choice(MODELS, 'mlp'), {
    label: 'Network',
    help: 'mlp: dense layers; cnn_small: two convolutions and a dense head; the others are the reference’s networks, and the same ones with fewer blocks (…_mini).',
  }),
  sam_rho: field(real(0, 100, 0.2), {
    label: 'SAM radius ρ',
    step: 0.01,
    help: 'How far SAM looks uphill before each step: it descends the loss at θ + ρ·g/‖g‖ (paper, eq. 2). 0 is plain SGD.',
  }),
  sam_variant: methodFields.sam_variant,
  runs: field(text('sam_rho:0;', 4000), {
    label: 'Runs',
    ours: true,
    help: 'What is trained together, step by step in turn: runs separated by semicolons, each by the settings in which it differs, as sam_rho:0;sam_rho:0.05;sam_rho:0.2. A run without any has the settings as they are; name=… before them names it. Runs with the same data see the same batches in the same order.',
  }),
  num_epochs: field(whole(1, 10000, 30), {
    label: 'Epochs',
    step: 1,
    help: 'Passes over the training images; the learning-rate schedule ends with the last one.',
  }),
  batch_size: field(whole(1, 4096, 64), {
    label: 'Batch size',
    step: 1,
    help: 'Images per step. The last incomplete batch of an epoch is dropped.',
  }),
  learning_rate: field(real(0, 10, 0.02), {
    label: 'Learning rate',
    step: 0.01,
    help: 'Base step size, before the schedule.',
  }),
  weight_decay: field(real(0, 1, 0), {
    label: 'Weight decay',
    step: 0.0001,
    help: 'Adds λ/2·‖θ‖² to the loss; it is part of both of SAM’s gradients.',
  }),
  label_noise: field(real(0, 1, 0.4), {
    label: 'Label noise',
    ours: true,
    step: 0.05,
    help: 'Exactly this share of the training labels is replaced by one of the other classes. Test labels are never touched.',
  }),
  num_train_examples: field(wholeOrNone(1, 2000000, 5000), {
    label: 'Training images',
    ours: true,
    step: 500,
    help: 'How many training images to use, drawn by the seed; empty uses all.',
  }),
  run_seed: field(whole(0, 4294967295, 0), {
    label: 'Seed',
    step: 1,
    help: 'Draws the initial weights, the subset, the noise, the order and the augmentation. Same seed, same adapter: same run.',
  }),
} as const
