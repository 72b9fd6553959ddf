/** What is measured beside training, on which images, how often. */

import { fieldsOf } from '../../fieldMeta'
import { onOff, real, whole, wholeOrNone } from '../../settingTypes'

const field = fieldsOf('evaluation')

export const evaluationFields = {
  use_test_set: field(onOff(true), {
    label: 'Use the test set',
    help: 'Off: the end of the official training images is held out and evaluated on instead (CIFAR 5,000 of 50,000, Fashion-MNIST 6,000 of 60,000, SVHN 7,328, else a tenth). Choose settings this way, and look at the test set once.',
  }),
  evaluate_every: field(whole(1, 10000, 1), {
    label: 'Evaluate every (epochs)',
    step: 1,
    help: 'Epochs between two evaluations on the test set.',
  }),
  num_eval_examples: field(wholeOrNone(1, 2000000, 2000), {
    label: 'Test images while training',
    ours: true,
    step: 500,
    help: 'The evaluations during training use this many test images (fixed, seeded). Empty: all.',
  }),
  num_final_eval_examples: field(wholeOrNone(1, 2000000, null), {
    label: 'Images of the last evaluation',
    ours: true,
    step: 500,
    help: 'The last evaluation uses this many test images and as many training images (fixed, seeded): for large networks on slow devices, where all of them take hours. Empty: all.',
  }),
  also_eval_on_training_set: field(onOff(false), {
    label: 'Also evaluate on training set',
    help: 'Evaluates on the training images too, without augmentation, at every evaluation. The last evaluation always does.',
  }),
  compute_top_5_error_rate: field(onOff(false), {
    label: 'Top-5 error',
    help: 'Also report how often the true class is not among the five likeliest.',
  }),
  perturbed_loss_every: field(whole(0, 10000, 10), {
    label: 'Measure SGD’s gap every (steps)',
    ours: true,
    step: 1,
    harmless: true,
    help: 'For a run without SAM, L(θ + ε̂) costs one extra forward pass; it is measured every so many steps, at the ρ of the other run. 0 is never. Not counted as gradient evaluation.',
  }),
  trajectory_every: field(real(0, 10000, 0), {
    label: 'Keep the way every (epochs)',
    ours: true,
    step: 1,
    harmless: true,
    help: 'Keeps θ and its statistics every so many epochs, 0.1 for ten times an epoch, so that Landscape can draw the way, while it trains too; 0 is never. Costs their size in storage each time.',
  }),
  top_eigenvalue_every: field(whole(0, 1000000, 0), {
    label: 'λ₁ every (steps)',
    ours: true,
    step: 10,
    harmless: true,
    help: 'The largest eigenvalue of the Hessian of what is trained, every so many steps, beside its edge of stability. Costs about ten gradients over its images each time, which is shown; 0 is never.',
  }),
  top_eigenvalue_images: field(whole(1, 2000000, 500), {
    label: 'Images for λ₁',
    ours: true,
    step: 100,
    harmless: true,
    help: 'How many training images λ₁ is of (fixed, seeded; evaluation mode, labels as trained on). Fewer images have a larger λ₁: only over all of them can it be held against the edge to the percent.',
  }),
  batch_sharpness: field(onOff(false), {
    label: 'Batch sharpness',
    ours: true,
    harmless: true,
    help: 'Beside λ₁ the mean of gᵀHg/‖g‖² over batches of the run’s size, each with its own gradient and Hessian: with small batches this is what comes to the edge, not λ₁.',
  }),
} as const
