/**
 * RunConfig: one schema is the type, the defaults, the form, the URL and the command line.
 * Keys are the reference's flag names, verbatim; our own additions follow the same spelling and are marked `ours`.
 * Defaults are the first visit (docs/presets.md, P1); the reference's own defaults are a preset.
 */
import { z } from 'zod'
import { MODELS } from './models'

export type FieldGroup = 'experiment' | 'network' | 'optimizer' | 'data' | 'evaluation' | 'replicas' | 'files'

/** What the form, `--help` and the docs say of a field. */
export interface FieldMeta {
  label: string
  help: string
  group: FieldGroup
  /** True where the reference has no such flag. */
  ours?: boolean
  /** Shown unfolded in the form. */
  primary?: boolean
  /** What an empty input means, in a word; absent: all. */
  empty?: string
  /** Step of a slider or number input. */
  step?: number
  /** Only the command line has it. */
  cliOnly?: boolean
  /** Changing it does not change the run's numbers. */
  harmless?: boolean
}

const meta = <T extends z.ZodType>(type: T, m: FieldMeta): T =>
  type.meta(m as unknown as Record<string, unknown>)

/** The data sets that Basin knows by name; a person's own images have the name they were imported under. */
export const DATASETS = [
  'fashion_mnist',
  'mnist',
  'cifar10',
  'cifar100',
  'svhn',
  'imagenet',
  'Flowers',
  'Oxford_IIIT_Pets',
  'FGVC_Aircraft',
  'Food_101',
  'Stanford_Cars',
  'Birdsnap',
] as const
/** Sets of photographs, which get ImageNet's crops: ImageNet, and those the reference names for fine-tuning. */
export const PHOTOGRAPHS: readonly string[] = [
  'imagenet',
  'Flowers',
  'Oxford_IIIT_Pets',
  'FGVC_Aircraft',
  'Food_101',
  'Stanford_Cars',
  'Birdsnap',
]
/** A data set's name is part of storage keys and file names. */
export const DATASET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/

const layerSizes = z
  .string()
  .regex(/^([1-9]\d{0,4})(,[1-9]\d{0,4}){0,7}$/, 'comma-separated sizes, as 256,128')

export const runConfigShape = {
  dataset: meta(z.string().regex(DATASET_NAME, 'a data set’s name').default('fashion_mnist'), {
    label: 'Data set',
    group: 'experiment',
    primary: true,
    help: 'The images to learn. Fashion-MNIST comes with Basin: 60,000 training and 10,000 test images of clothes, 28 × 28, ten classes. Others are imported from their official archives or from folders of images.',
  }),
  model_name: meta(z.enum(MODELS).default('mlp'), {
    label: 'Network',
    group: 'experiment',
    primary: true,
    help: 'mlp: dense layers; cnn_small: two convolutions and a dense head; the others are the reference’s networks, and the same ones with fewer blocks (…_mini).',
  }),
  sam_rho: meta(z.number().min(0).max(10).default(0.2), {
    label: 'SAM radius ρ',
    group: 'experiment',
    primary: true,
    step: 0.01,
    help: 'How far SAM looks uphill before each step: it descends the loss at θ + ρ·g/‖g‖ (paper, eq. 2). 0 is plain SGD.',
  }),
  compare: meta(z.boolean().default(true), {
    label: 'Compare with SGD',
    group: 'experiment',
    ours: true,
    primary: true,
    help: 'Train a second run with ρ = 0 from the same initial weights on the same batches, step by step in turn.',
  }),
  num_epochs: meta(z.number().int().min(1).max(10000).default(30), {
    label: 'Epochs',
    group: 'experiment',
    primary: true,
    step: 1,
    help: 'Passes over the training images; the learning-rate schedule ends with the last one.',
  }),
  batch_size: meta(z.number().int().min(1).max(4096).default(64), {
    label: 'Batch size',
    group: 'experiment',
    primary: true,
    step: 1,
    help: 'Images per step. The last incomplete batch of an epoch is dropped.',
  }),
  learning_rate: meta(z.number().min(0).max(10).default(0.02), {
    label: 'Learning rate',
    group: 'experiment',
    primary: true,
    step: 0.01,
    help: 'Base step size, before the schedule.',
  }),
  weight_decay: meta(z.number().min(0).max(1).default(0), {
    label: 'Weight decay',
    group: 'experiment',
    primary: true,
    step: 0.0001,
    help: 'Adds λ/2·‖θ‖² to the loss; it is part of both of SAM’s gradients.',
  }),
  label_noise: meta(z.number().min(0).max(1).default(0.4), {
    label: 'Label noise',
    group: 'experiment',
    ours: true,
    primary: true,
    step: 0.05,
    help: 'Exactly this share of the training labels is replaced by one of the other classes. Test labels are never touched.',
  }),
  num_train_examples: meta(z.number().int().min(1).max(2000000).nullable().default(5000), {
    label: 'Training images',
    group: 'experiment',
    ours: true,
    primary: true,
    step: 500,
    help: 'How many training images to use, drawn by the seed; empty uses all.',
  }),
  run_seed: meta(z.number().int().min(0).max(4294967295).default(0), {
    label: 'Seed',
    group: 'experiment',
    primary: true,
    step: 1,
    help: 'Draws the initial weights, the subset, the noise, the order and the augmentation. Same seed, same adapter: same run.',
  }),

  mlp_layers: meta(layerSizes.default('256,128'), {
    label: 'mlp hidden layers',
    group: 'network',
    ours: true,
    help: 'Sizes of the hidden layers of mlp, comma-separated.',
  }),
  cnn_channels: meta(layerSizes.default('8,16'), {
    label: 'cnn_small channels',
    group: 'network',
    ours: true,
    help: 'Channels of each convolution of cnn_small; each is followed by batch norm, ReLU and 2 × 2 max pooling.',
  }),
  cnn_dense: meta(z.number().int().min(1).max(65536).default(64), {
    label: 'cnn_small dense units',
    group: 'network',
    ours: true,
    step: 1,
    help: 'Units of the dense layer before the classes.',
  }),
  from_pretrained_checkpoint: meta(z.boolean().default(false), {
    label: 'Fine-tune',
    group: 'network',
    help: 'Starts from the weights of a file instead of random ones. Batch-norm statistics stay as they are in the file, scale and shift train; where the number of classes differs, the last dense layer is drawn anew. Images of an EfficientNet are resized to its resolution. The optimizer begins anew.',
  }),
  efficientnet_checkpoint_path: meta(z.string().default(''), {
    label: 'Pretrained EfficientNet',
    group: 'files',
    cliOnly: true,
    help: 'What fine-tuning starts from: a folder with checkpoint_<n>, a .tar.gz of one, or a weight file.',
  }),
  pretrained_path: meta(z.string().default(''), {
    label: 'Pretrained weights',
    group: 'files',
    ours: true,
    cliOnly: true,
    help: 'The same for any network, from a run’s folder or an export.',
  }),
  use_additional_skip_connections: meta(z.boolean().default(false), {
    label: 'Additional skip connections',
    group: 'network',
    help: 'WideResnet only: a residual merge around every group and from the input image to the last group.',
  }),
  check_resolution: meta(z.boolean().default(true), {
    label: 'Check the resolution',
    group: 'network',
    ours: true,
    help: 'EfficientNet refuses images of another size than it was scaled for, as the reference does. Off: any size trains.',
  }),

  gradient_clipping: meta(z.number().min(0).max(1e6).default(5), {
    label: 'Gradient clipping',
    group: 'optimizer',
    step: 0.5,
    help: 'Scales the final gradient down to this global norm; 0 turns it off. The gradient that gives ε̂ is never clipped.',
  }),
  use_learning_rate_schedule: meta(z.boolean().default(true), {
    label: 'Use a schedule',
    group: 'optimizer',
    help: 'Off: the learning rate stays constant.',
  }),
  lr_schedule: meta(z.enum(['cosine', 'exponential']).default('cosine'), {
    label: 'Schedule',
    group: 'optimizer',
    help: 'cosine: to zero at the last step. exponential: to 1.2 % of the base rate at the last epoch.',
  }),
  use_rmsprop: meta(z.boolean().default(false), {
    label: 'RMSProp',
    group: 'optimizer',
    help: 'RMSProp (TensorFlow’s flavour) in place of SGD with Nesterov momentum 0.9.',
  }),
  ema_decay: meta(z.number().min(0).max(0.999999).default(0), {
    label: 'EMA decay',
    group: 'optimizer',
    step: 0.001,
    help: 'Moving average of weights and batch-norm statistics, which is then what is evaluated; 0 is off. It follows the weights exactly for the first 1,560 steps.',
  }),
  label_smoothing: meta(z.number().min(0).max(1).default(0), {
    label: 'Label smoothing',
    group: 'optimizer',
    step: 0.01,
    help: 'Targets become (1 − e)·y + e/classes, in training and in the evaluation loss.',
  }),
  no_weight_decay_on_bn: meta(z.boolean().default(false), {
    label: 'No decay on batch norm',
    group: 'optimizer',
    help: 'Leaves every tensor of rank 1 (batch-norm scale and shift, biases) out of weight decay.',
  }),

  image_level_augmentations: meta(z.enum(['none', 'basic', 'autoaugment', 'aa-only']).default('none'), {
    label: 'Augmentation',
    group: 'data',
    help: 'Per image, before normalisation. basic: random flip, reflect-pad by 4 pixels, random crop. autoaugment: two operations of a learned policy, then basic. aa-only: the policy alone. ImageNet is always cropped at random and flipped; autoaugment is RandAugment there.',
  }),
  autoaugment_policy: meta(z.enum(['auto', 'cifar', 'svhn', 'imagenet', 'randaugment']).default('auto'), {
    label: 'Policy',
    group: 'data',
    ours: true,
    help: 'auto: the one the reference takes, svhn for SVHN, RandAugment for ImageNet, else cifar. cifar, svhn and imagenet were learned on these sets (AutoAugment, 2019); randaugment draws from all sixteen operations.',
  }),
  randaug_num_layers: meta(z.number().int().min(0).max(16).default(2), {
    label: 'RandAugment layers',
    group: 'data',
    step: 1,
    help: 'Operations per image, N of the RandAugment paper.',
  }),
  randaug_magnitude: meta(z.number().int().min(0).max(30).default(9), {
    label: 'RandAugment magnitude',
    group: 'data',
    step: 1,
    help: 'Strength of every operation, M of the RandAugment paper; a policy’s levels end at 10, the paper tries up to 30.',
  }),
  scale_translations: meta(z.boolean().default(false), {
    label: 'Translations to scale',
    group: 'data',
    ours: true,
    help: 'Off: a policy’s translations reach 250 pixels (RandAugment: 100) whatever the image’s size, as in the reference, so a 32-pixel image is mostly wiped to grey. On: 10 pixels of 32 at level 10, as the policy was learned.',
  }),
  batch_level_augmentations: meta(z.enum(['none', 'cutout', 'mixup', 'mixcut']).default('none'), {
    label: 'Batch augmentation',
    group: 'data',
    help: 'Per batch, after normalisation. cutout: one square of zeros, the same in every image. mixup: each image and its label blended with another of the batch. mixcut: mixup, then cutout.',
  }),
  cutout_length: meta(z.number().int().min(0).max(1024).default(16), {
    label: 'Cutout side',
    group: 'data',
    step: 1,
    help: 'Side of the square in pixels; it may hang over the edge. An odd side counts one less.',
  }),
  imagenet_mixup_alpha: meta(z.number().min(0).max(100).default(0), {
    label: 'ImageNet mixup α',
    group: 'data',
    step: 0.1,
    help: 'For ImageNet and other photographs: how strongly images are mixed, the share being drawn from Beta(α, α). 0 is off.',
  }),
  input_size: meta(z.number().int().min(1).max(1024).nullable().default(null), {
    label: 'Input side',
    group: 'data',
    ours: true,
    empty: 'as it is',
    step: 1,
    help: 'Side of the square images that the network sees, resized bicubically after augmentation. Empty: as stored; for ImageNet the network’s own, 224 or an EfficientNet’s.',
  }),

  use_test_set: meta(z.boolean().default(true), {
    label: 'Use the test set',
    group: 'evaluation',
    help: 'Off: the end of the official training images is held out and evaluated on instead (CIFAR 5,000 of 50,000, Fashion-MNIST 6,000 of 60,000, SVHN 7,328, else a tenth). Choose settings this way, and look at the test set once.',
  }),
  evaluate_every: meta(z.number().int().min(1).max(10000).default(1), {
    label: 'Evaluate every (epochs)',
    group: 'evaluation',
    step: 1,
    help: 'Epochs between two evaluations on the test set.',
  }),
  num_eval_examples: meta(z.number().int().min(1).max(2000000).nullable().default(2000), {
    label: 'Test images while training',
    group: 'evaluation',
    ours: true,
    step: 500,
    help: 'The evaluations during training use this many test images (fixed, seeded); the last one always uses all. Empty: always all.',
  }),
  also_eval_on_training_set: meta(z.boolean().default(false), {
    label: 'Also evaluate on training set',
    group: 'evaluation',
    help: 'Evaluates on the training images too, without augmentation, at every evaluation. The last evaluation always does.',
  }),
  compute_top_5_error_rate: meta(z.boolean().default(false), {
    label: 'Top-5 error',
    group: 'evaluation',
    help: 'Also report how often the true class is not among the five likeliest.',
  }),
  perturbed_loss_every: meta(z.number().int().min(0).max(10000).default(10), {
    label: 'Measure SGD’s gap every (steps)',
    group: 'evaluation',
    ours: true,
    step: 1,
    harmless: true,
    help: 'For a run without SAM, L(θ + ε̂) costs one extra forward pass; it is measured every so many steps, at the ρ of the other run. 0 is never. Not counted as gradient evaluation.',
  }),

  num_replicas: meta(z.number().int().min(1).max(4096).default(1), {
    label: 'Replicas',
    group: 'replicas',
    ours: true,
    step: 1,
    help: 'Cuts every batch into this many parts, as the reference’s devices do: each has its own batch-norm statistics and looks uphill on its own m = batch size / replicas images (the paper’s m-sharpness; a smaller m often generalises better). Gradients are averaged. The parts run one after the other, so activations take the memory of one part: how a large batch fits a small GPU. EfficientNet’s batch norm looks at all parts at once and saves nothing.',
  }),
  sync_perturbations: meta(z.boolean().default(false), {
    label: 'Share the perturbation',
    group: 'replicas',
    help: 'All replicas use one ε̂, from their averaged gradient: m is the whole batch again.',
  }),
  inner_group_size: meta(z.number().int().min(2).max(4096).nullable().default(null), {
    label: 'Replicas per perturbation',
    group: 'replicas',
    step: 1,
    help: 'With a shared perturbation: groups of this many neighbouring replicas share one, instead of all. Empty: all.',
  }),

  memory_budget_mib: meta(z.number().int().min(1).max(1e9).nullable().default(null), {
    label: 'Memory for a run (MiB)',
    group: 'replicas',
    ours: true,
    step: 256,
    harmless: true,
    help: 'A run that needs more on the device than this is refused before it starts. Empty: what the device is known or assumed to have; browsers do not tell how much memory a graphics card has.',
  }),

  output_dir: meta(z.string().default(''), {
    label: 'Output folder',
    group: 'files',
    cliOnly: true,
    harmless: true,
    help: 'Where the run folder lr_…/wd_…/rho_…/seed_… is made.',
  }),
  save_progress_seconds: meta(z.number().int().min(0).max(1e9).default(3600), {
    label: 'Seconds between checkpoints',
    group: 'files',
    cliOnly: true,
    harmless: true,
    help: 'Minimum age of the last checkpoint before another is written; the end always writes one.',
  }),
  save_flax_checkpoints: meta(z.boolean().default(false), {
    label: 'Flax checkpoints',
    group: 'files',
    ours: true,
    cliOnly: true,
    harmless: true,
    help: 'Also write every checkpoint at an epoch’s end as the reference’s Flax file, checkpoint_<epoch>.',
  }),
  additional_checkpoints_at_epochs: meta(z.array(z.number().int().min(0)).default([]), {
    label: 'Additional checkpoints',
    group: 'files',
    cliOnly: true,
    harmless: true,
    help: 'Epochs at whose start an extra checkpoint is kept.',
  }),
} as const

export const runConfigSchema = z.object(runConfigShape).strict()

export type RunConfig = z.infer<typeof runConfigSchema>
export type FieldName = keyof RunConfig

export const DEFAULT_CONFIG: RunConfig = runConfigSchema.parse({})
export const FIELD_NAMES = Object.keys(runConfigShape) as FieldName[]

/** Label, help and group of one field. */
export function fieldMeta(name: FieldName): FieldMeta {
  return runConfigShape[name].meta() as unknown as FieldMeta
}
