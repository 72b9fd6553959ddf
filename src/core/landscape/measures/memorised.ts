/**
 * What a network says of the training images whose labels are wrong: the wrong label, which it then has learned by heart,
 * the right one, or another. In evaluation mode, images as they are.
 */
import { BasinError } from '../../../base/errors'
import { capture } from '../../../engine/capture/capture'
import * as tf from '../../../engine/tf'
import { evalBatches } from '../../data/batches/evalBatches'
import { cleanLabels } from '../../data/selection/cleanLabels'
import { evalSubset } from '../../data/selection/evalSubset'
import { EVALUATION_BATCH, evaluationBatch } from '../../evaluation/evaluationBatch'
import { readInBulk } from '../../queue/bulkReader'
import { disposeBatch, uploadBatch } from '../../queue/deviceBatch'
import { z } from '../../zod'
import { nans } from '../slice'
import type { Finding, Measure, MeasuredRun, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { GROUPS, setting } from './settings'

const settings = {
  wrong_images: setting(z.number().int().min(1).max(60000).default(2000), {
    label: 'Wrong labels',
    help: 'Training images with a wrong label that are looked at, a fixed draw by the seed of the run.',
    step: 500,
    group: GROUPS.step,
  }),
}

/** A line for each image; classes by their numbers. */
export type MemorisedValues = {
  /** Its place among the run’s training images. */
  image: Float64Array
  /** The label that it was trained with, and the one that it had. */
  given: Float64Array
  right: Float64Array
  predicted: Float64Array
  /** Share of the images looked at of which the network says the wrong label. */
  share: number
}

type Settings = SettingsIn<typeof settings>

export const memorised: Measure<'memorised', typeof settings, MemorisedValues> = {
  id: 'memorised',
  title: 'wrong labels',
  about: 'What each network says of the training images whose labels are wrong.',
  runs: 'each',
  unit: 'images',
  settings,
  yields: { image: ['image'], given: ['image'], right: ['image'], predicted: ['image'], share: [] },
  compute,
}

async function compute(job: MeasureJob<Settings, MemorisedValues>): Promise<MeasureOutcome<MemorisedValues>> {
  const { runs, onProgress, signal } = job
  const findings = runs.map(
    (run): Finding<MemorisedValues> => ({
      runs: [run.key],
      values: unknown(run, job.settings.wrong_images),
    }),
  )
  const total = findings.reduce((sum, { values }) => sum + values.image.length, 0)
  let done = 0
  const tell = () => onProgress({ done, total, secondsLeft: undefined, findings, finished: done === total })
  for (const [r, run] of runs.entries()) {
    await look(run, findings[r].values, signal, (count) => {
      done += count
      tell()
    })
  }
  return { findings, cancelled: signal?.aborted === true }
}

/** @throws BasinError `config` where no label is wrong */
function unknown({ dataset, config }: MeasuredRun, most: number): MemorisedValues {
  const { wrong, labels } = dataset.train
  const all = Float64Array.from(wrong.keys()).filter((i) => wrong[i] === 1)
  if (all.length === 0)
    throw new BasinError(
      'config',
      'wrong labels: runs with label noise, got none',
      'Set the label noise first.',
    )
  const image = Float64Array.from(evalSubset(all.length, most, config.run_seed), (at) => all[at])
  const clean = cleanLabels(dataset, config.label_noise, config.run_seed)
  return {
    image,
    given: image.map((i) => labels[i]),
    right: image.map((i) => clean[i]),
    predicted: nans(image.length),
    share: Number.NaN,
  }
}

/** Fills in what the network says, batch by batch. */
async function look(
  { network, dataset, theta, batchStats, threads }: MeasuredRun,
  values: MemorisedValues,
  signal: AbortSignal | undefined,
  onBatch: (count: number) => void,
): Promise<void> {
  const classOf = capture((images: tf.Tensor4D) =>
    tf.cast<tf.Tensor1D>(tf.argMax(network.forward(theta, batchStats, images, false).logits, 1), 'float32'),
  )
  const size = evaluationBatch(network, EVALUATION_BATCH)
  try {
    let first = 0
    await readInBulk<number>(
      {
        onRows(rows) {
          for (const { tag, values: classes } of rows) values.predicted.set(classes, tag)
          onBatch(rows.reduce((sum, row) => sum + row.values.length, 0))
        },
      },
      async (push) => {
        for await (const batch of evalBatches(
          dataset,
          'train',
          size,
          Uint32Array.from(values.image),
          threads,
        )) {
          if (signal?.aborted) return
          const onDevice = uploadBatch(batch, dataset)
          const classes = classOf(onDevice.images)
          disposeBatch(onDevice)
          await push([classes], first)
          first += batch.count
        }
      },
    )
  } finally {
    classOf.dispose()
  }
  const learned = values.predicted.filter((predicted, i) => predicted === values.given[i])
  values.share = signal?.aborted ? Number.NaN : learned.length / values.image.length
}
