/** The descent: clipping, schedule, optimizer, averages, smoothing, decay. */

import { fieldsOf } from '../../fieldMeta'
import { choice, onOff, real } from '../../settingTypes'
import { LOSSES } from '../losses'

const field = fieldsOf('optimizer')

export const optimizerFields = {
  loss: field(choice(LOSSES, 'cross_entropy'), {
    label: 'Loss',
    ours: true,
    help: 'cross_entropy of the softmax; mse: ½·Σ (f − y)² over the classes, without a softmax. Mean over the images, in training and evaluation.',
  }),
  full_batch: field(onOff(false), {
    label: 'Full batch',
    ours: true,
    help: 'Every step goes by the gradient over all training images, summed over batches of the batch size, so that memory is that of one: gradient descent. An epoch is one step. The images stay on the device.',
  }),
  gradient_clipping: field(real(0, 1e6, 5), {
    label: 'Gradient clipping',
    step: 0.5,
    help: 'Scales the final gradient down to this global norm; 0 turns it off. The gradient that gives ε̂ is never clipped.',
  }),
  use_learning_rate_schedule: field(onOff(true), {
    label: 'Use a schedule',
    help: 'Off: the learning rate stays constant.',
  }),
  lr_schedule: field(choice(['cosine', 'exponential'], 'cosine'), {
    label: 'Schedule',
    help: 'cosine: to zero at the last step. exponential: to 1.2 % of the base rate at the last epoch.',
  }),
  use_rmsprop: field(onOff(false), {
    label: 'RMSProp',
    help: 'RMSProp (TensorFlow’s flavour) in place of SGD with momentum.',
  }),
  momentum: field(real(0, 0.999999, 0.9), {
    label: 'Momentum β',
    ours: true,
    step: 0.05,
    help: 'm ← β·m + g. The reference has 0.9; 0 is gradient descent, of SGD and of what SAM found.',
  }),
  nesterov: field(onOff(true), {
    label: 'Nesterov',
    ours: true,
    help: 'Steps along g + β·m, as the reference does. Off: along m, Polyak’s heavy ball.',
  }),
  ema_decay: field(real(0, 0.999999, 0), {
    label: 'EMA decay',
    step: 0.001,
    help: 'Moving average of weights and batch-norm statistics, which is then what is evaluated; 0 is off. It follows the weights exactly for the first 1,560 steps.',
  }),
  label_smoothing: field(real(0, 1, 0), {
    label: 'Label smoothing',
    step: 0.01,
    help: 'Targets become (1 − e)·y + e/classes, in training and in the evaluation loss.',
  }),
  no_weight_decay_on_bn: field(onOff(false), {
    label: 'No decay on batch norm',
    help: 'Leaves every tensor of rank 1 (batch-norm scale and shift, biases) out of weight decay.',
  }),
} as const
