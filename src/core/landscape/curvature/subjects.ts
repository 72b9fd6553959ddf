/**
 * What the measures of curvature look at: of each run its objective, on a seeded subset of its training images with the
 * labels it was trained on or the clean ones, with or without weight decay and label smoothing.
 */
import * as tf from '../../../engine/tf'
import type { Dataset } from '../../data/dataset'
import { cleanLabels } from '../../data/selection/cleanLabels'
import { sliceImages } from '../../data/selection/sliceImages'
import { disposeBatch, uploadAll } from '../../queue/deviceBatch'
import type { DeviceBatch } from '../../step/types'
import { z } from '../../zod'
import type { MeasuredRun } from '../measures/measure'
import { GROUPS, SHARED, setting } from '../measures/settings'
import { Objective, productBatch } from './objective'

export const SUBJECT_SETTINGS = {
  num_images: SHARED.num_images,
  hessian_labels: setting(z.enum(['training', 'clean']).default('training'), {
    label: 'Labels',
    help: 'The Hessian of the loss on the labels trained on, wrong ones included, or on the clean ones.',
    group: GROUPS.hessian,
  }),
  hessian_weights: setting(z.enum(['evaluated', 'trained']).default('evaluated'), {
    label: 'Weights',
    help: 'The Hessian at the weights that are evaluated, the moving average where there is one, or at those that train. Without an average they are the same.',
    group: GROUPS.hessian,
  }),
  hessian_decay: setting(z.boolean().default(false), {
    label: 'With weight decay',
    help: 'The Hessian of what is trained: weight decay adds its coefficient to the eigenvalues of what decays.',
    group: GROUPS.hessian,
  }),
  hessian_smoothing: setting(z.boolean().default(true), {
    label: 'With label smoothing',
    help: 'With the label smoothing of the run; off: of the plain loss.',
    group: GROUPS.hessian,
  }),
}

type SubjectSettings = { [Name in keyof typeof SUBJECT_SETTINGS]: z.output<(typeof SUBJECT_SETTINGS)[Name]> }

/** The loss as slices have it: on the labels trained on, without weight decay, with the run's label smoothing. */
export const AS_SLICED = {
  hessian_labels: 'training',
  hessian_weights: 'evaluated',
  hessian_decay: false,
  hessian_smoothing: true,
} as const

export interface Subject {
  run: MeasuredRun
  objective: Objective
}

/** Hands each run's objective to `look`, one after the other; runs of the same images share them. */
export async function lookAtEach(
  runs: readonly MeasuredRun[],
  settings: SubjectSettings,
  look: (subject: Subject) => Promise<void>,
): Promise<void> {
  const opened: { run: MeasuredRun; batches: DeviceBatch[] }[] = []
  try {
    for (const run of runs) {
      const alike = opened.find((other) => sameImages(other.run, run))
      const batches = alike?.batches ?? (await upload(run, settings))
      if (!alike) opened.push({ run, batches })
      const { config, network } = run
      const { theta, batchStats } = settings.hessian_weights === 'trained' ? (run.training ?? run) : run
      const objective = new Objective(
        network,
        batches,
        {
          loss: config.loss,
          labelSmoothing: settings.hessian_smoothing ? config.label_smoothing : 0,
          weightDecay: settings.hessian_decay ? config.weight_decay : 0,
          noWeightDecayOnBn: config.no_weight_decay_on_bn,
        },
        { theta, batchStats },
      )
      try {
        await objective.chooseKernels()
        await look({ run, objective })
      } finally {
        objective.dispose()
      }
    }
  } finally {
    for (const { batches } of opened) batches.forEach(disposeBatch)
  }
}

const sameImages = (a: MeasuredRun, b: MeasuredRun): boolean =>
  a.dataset === b.dataset &&
  a.config.run_seed === b.config.run_seed &&
  a.config.label_noise === b.config.label_noise &&
  productBatch(a.network, 1000) === productBatch(b.network, 1000)

async function upload(run: MeasuredRun, settings: SubjectSettings): Promise<DeviceBatch[]> {
  const { network, config, threads } = run
  const dataset = settings.hessian_labels === 'clean' ? withCleanLabels(run) : run.dataset
  const images = sliceImages(dataset.train.count, settings.num_images, config.run_seed)
  return uploadAll(dataset, 'train', productBatch(network, images.length), images, threads)
}

function withCleanLabels({ dataset, config }: Pick<MeasuredRun, 'dataset' | 'config'>): Dataset {
  const labels = cleanLabels(dataset, config.label_noise, config.run_seed)
  return { ...dataset, train: { ...dataset.train, labels } }
}

/** ‖∇f‖, f, and ∇fᵀH∇f/‖∇f‖²: the curvature along the gradient. */
export async function slopeOf(objective: Objective) {
  const numbers = tf.tidy(() => {
    const { value, gradient } = objective.gradient()
    const norm = tf.norm(gradient)
    const unit: tf.Tensor1D = tf.divNoNan(gradient, norm)
    return tf.stack([value, norm, tf.sum(tf.mul(unit, objective.product(unit)))])
  })
  const [loss, gradientNorm, curvature] = await numbers.data()
  numbers.dispose()
  return { loss, gradientNorm, curvature }
}
