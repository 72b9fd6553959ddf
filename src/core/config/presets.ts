/**
 * Experiments worth starting from. A preset names what differs from the page's defaults; everything else is as there,
 * on the command line too.
 * Numbers in the texts were measured with PyTorch on a CPU over 3 to 5 seeds (docs/presets.md); `npm run experiment`
 * measures them again with Basin.
 */
import { familyOf } from './family'
import { REFERENCE_VALUES } from './reference'
import { runsText } from './runList'
import { DEFAULT_CONFIG, type RunConfig } from './schema'

export interface Preset {
  id: string
  title: string
  /** One paragraph: what it shows, in its first sentence; how, and what it does not. */
  description: string
  values: Partial<RunConfig>
}

// ρ = 0.2 is the first visit itself.
const RHO_SWEEP: { rho: number; text: string }[] = [
  {
    rho: 0.05,
    text: 'The first visit at the paper’s usual radius, which is small for this task: two thirds of the wrong labels are still learned. Test error falls from 34 to 29 %.',
  },
  {
    rho: 0.1,
    text: 'The first visit at half its radius: 43 % of the wrong labels are learned, and test error is about 23 %.',
  },
  {
    rho: 0.3,
    text: 'The first visit at a larger radius: as good on the test images as at 0.2, with a flatter minimum and a higher training loss.',
  },
  {
    rho: 0.5,
    text: 'The first visit at a radius that is too large: the flattest minimum of the sweep and a worse test error, about 23 %. Flatter is not always better.',
  },
]

/** Gradient descent on all images at once, λ₁ of all of them beside it. */
const FULL_BATCH: Partial<RunConfig> = {
  sam_rho: 0,
  loss: 'mse',
  init_scale: 0.3,
  learning_rate: 0.05,
  mlp_layers: '64,64',
  full_batch: true,
  batch_size: 500,
  momentum: 0,
  use_learning_rate_schedule: false,
  gradient_clipping: 0,
  label_noise: 0,
  num_train_examples: 1000,
  num_epochs: 1500,
  evaluate_every: 150,
  perturbed_loss_every: 0,
  top_eigenvalue_every: 25,
  top_eigenvalue_images: 1000,
}

export const PRESETS: readonly Preset[] = [
  {
    id: 'first_visit',
    title: 'First visit: 40 % wrong labels, mlp',
    description:
      'Of 5,000 images 40 % carry a wrong label: SGD learns most of those by heart, SAM few of them. On Fashion-MNIST’s test images SGD ends near 34 % error, SAM with ρ = 0.2 near 19 %. SAM wins here by not fitting: its training loss is the higher one, and it costs two gradients a step. The radius was chosen on seed 0’s test error. Stopping SGD at its best epoch, known only afterwards, would give about 21 %.',
    values: {},
  },
  {
    id: 'convnet',
    title: 'A convolutional net: 40 % wrong labels, cnn_small',
    description:
      'The same on a convolutional net: SGD ends at 32 to 37 % test error, SAM with ρ = 0.1 near 19 %. Two convolutions with batch norm and a dense head, 4,000 images with 40 % wrong labels. The range of good radii is narrower than for the mlp: at ρ = 0.2 SAM ends at 32 to 52 %, on average worse than SGD.',
    values: { model_name: 'cnn_small', num_train_examples: 4000, num_epochs: 25, sam_rho: 0.1 },
  },
  ...RHO_SWEEP.map(
    ({ rho, text }): Preset => ({
      id: `rho_${rho}`,
      title: `ρ sweep: ρ = ${rho}`,
      description: text,
      values: { sam_rho: rho },
    }),
  ),
  {
    id: 'clean_labels',
    title: 'Clean labels',
    description:
      'Where no label is wrong, SAM wins by little: half a point to a point of test error. 15.4 against 14.7 %, better in five of five seeds: real, and easily missed with one. The first visit without label noise and with ρ = 0.1.',
    values: { label_noise: 0, sam_rho: 0.1 },
  },
  {
    id: 'noise_20',
    title: 'Label noise: 20 %',
    description:
      'The first visit with 20 % wrong labels: about 23 % test error with SGD, 16 % with SAM. The less noise there is to learn by heart, the smaller SAM’s advantage.',
    values: { label_noise: 0.2 },
  },
  {
    id: 'noise_60',
    title: 'Label noise: 60 %',
    description:
      'The first visit with 60 % wrong labels: about 53 % test error with SGD, 24 % with SAM. At 80 % and this radius SAM’s network dies: it predicts one class for everything, which is as flat as it is useless.',
    values: { label_noise: 0.6 },
  },
  {
    id: 'family',
    title: 'The family on one task',
    description:
      'The first visit by SGD, SAM, five of SAM’s relatives and a control that looks in a random direction. Each has a radius chosen on validation images of one seed (docs/methods.md). Most of the family cost two gradients a step, so compare at equal cost too; SGD for as many gradients as SAM is the ninth of the family. One seed tells little: npm run experiment -- family --seeds 3 says which differences three can tell apart.',
    values: { runs: runsText(familyOf(DEFAULT_CONFIG).filter(({ changes }) => !('num_epochs' in changes))) },
  },
  {
    id: 'edge',
    title: 'Edge of stability: gradient descent',
    description:
      'The steepest curvature λ₁ rises while the loss falls, up to an edge that the learning rate η sets: 2/η. Gradient descent at two rates, every step over all 1,000 images (tanh, squared error): λ₁ begins below 2/η, then hovers there or a little above, 50 and 25 here, where a quadratic would neither settle nor grow (Cohen et al. 2021). Without momentum and small batches: with either the edge is another.',
    values: {
      ...FULL_BATCH,
      mlp_activation: 'tanh',
      runs: runsText([
        { label: 'η 0.04', changes: { learning_rate: 0.04 } },
        { label: 'η 0.08', changes: { learning_rate: 0.08 } },
      ]),
    },
  },
  {
    id: 'sam_edge',
    title: 'Edge of stability: SAM’s own',
    description:
      'Where gradient descent comes to the edge 2/η, SAM stays at one of its own, far below, the lower the larger ρ. Gradient descent and SAM at two radii, every step over all 1,000 images (ReLU, squared error), all at one rate, 2/η = 40. SAM’s edge moves with the gradient’s norm (Long & Bartlett 2023).',
    values: {
      ...FULL_BATCH,
      num_epochs: 800,
      sam_rho: 0.02,
      runs: runsText([
        { label: 'GD', changes: { sam_rho: 0 } },
        { label: 'SAM ρ 0.02', changes: {} },
        { label: 'SAM ρ 0.05', changes: { sam_rho: 0.05 } },
      ]),
    },
  },
  {
    id: 'batch_edge',
    title: 'Edge of stability: small batches',
    description:
      'With small batches λ₁ stays far below the edge 2/η; the curvature along each batch’s own gradient comes to it instead. Plain SGD at one rate, 2/η = 20, with two sizes of batches: with the smaller λ₁ stays at two fifths of the edge, while that batch sharpness comes to nine tenths of it and hovers there (Andreyev & Beneventano 2024). 2,000 images, a fifth with a wrong label, which keep it from fitting all of them before it is there.',
    values: {
      ...FULL_BATCH,
      full_batch: false,
      batch_size: 16,
      learning_rate: 0.1,
      label_noise: 0.2,
      num_train_examples: 2000,
      num_epochs: 140,
      evaluate_every: 20,
      top_eigenvalue_every: 1000,
      top_eigenvalue_images: 2000,
      batch_sharpness: true,
      runs: runsText([
        { label: 'batch 16', changes: {} },
        { label: 'batch 64', changes: { batch_size: 64, top_eigenvalue_every: 250 } },
      ]),
    },
  },
  {
    id: 'reference',
    title: 'The reference’s defaults',
    description:
      'The default flags of the paper’s code, on data and a network that a laptop has: a long run, for a GPU. Plain SGD (ρ = 0), batch 128, learning rate 0.1, weight decay 0.001, 200 epochs, flips and crops, all images, no label noise. Fashion-MNIST stands in for CIFAR-10 and WideResnet_mini for WideResnet28x10. Set ρ = 0.05 for SAM as in the paper.',
    values: { ...REFERENCE_VALUES, model_name: 'WideResnet_mini' },
  },
]

/** The preset of this id, if there is one. */
export function findPreset(id: string): Preset | undefined {
  return PRESETS.find((preset) => preset.id === id)
}
