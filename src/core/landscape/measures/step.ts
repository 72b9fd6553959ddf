/**
 * One step of SAM as a picture: the loss on the very batch that the run's next update would see, on the plane through θ
 * that its two gradients span,
 *     g = ∇L(θ),   g′ = ∇L(θ + ρ·g/‖g‖),
 * x along g, y along what g′ has beside it. Training mode, the whole batch as one replica. Gradients are of the
 * objective (weight decay included), losses without, as training tells them.
 * Source: Foret et al. 2020 (arXiv 2010.01412), Algorithm 1.
 */
import { capture } from '../../../engine/capture/capture'
import { smoothLabels } from '../../../engine/ops/crossEntropy/crossEntropy'
import { decodesImages } from '../../../engine/ops/decodeImages/decodeImages'
import * as tf from '../../../engine/tf'
import { BatchFeed } from '../../data/batches/batchFeed'
import { BatchStream } from '../../data/batches/batchStream'
import { gatesOfStep } from '../../models/gates'
import { ascend, TINY } from '../../optim/methods/ascent'
import { learningRateAt } from '../../optim/schedule'
import { disposeBatch, uploadBatch } from '../../queue/deviceBatch'
import { decayMask, lossAndGradient, lossOnly } from '../../step/objective'
import type { DeviceBatch } from '../../step/types'
import { vectorMath } from '../../step/vectorMath'
import { z } from '../../zod'
import { gaussianDraw } from '../directions'
import { coarseToFineGrid, symmetricPoints } from '../grid'
import { pointOnSlice } from '../point'
import { nans } from '../slice'
import { type Point, sweep } from '../sweep'
import type { Finding, Measure, MeasuredRun, MeasureJob, MeasureOutcome, SettingsIn } from './measure'
import { GROUPS, setting, USUAL_RHO } from './settings'

/** As many as the largest batch has; of a full-batch step with more, the first so many. */
const MOST_IMAGES = 4096

/** How far the plane reaches beyond what is drawn on it. */
const MARGIN = 2.2

const settings = {
  plane_rho: setting(z.number().min(0).max(10).default(0), {
    label: 'ρ of the step',
    help: `How far the step looks uphill; 0: the run’s own radius, ${USUAL_RHO} where it has none.`,
    step: 0.05,
    group: GROUPS.step,
  }),
  plane_points: setting(z.number().int().min(3).max(101).default(25), {
    label: 'Points per side, step',
    help: 'Points along each side of the plane that a step is shown on.',
    step: 2,
    group: GROUPS.step,
  }),
}

/** Lengths are those of θ's space. Row-major: the loss (i, j) is at y[i], x[j]. */
export type StepValues = {
  x: Float64Array
  y: Float64Array
  loss: Float64Array
  /** The update that would come next, from 0. */
  step: number
  /** Images of its batch. */
  images: number
  rho: number
  learning_rate: number
  /** L(θ), L(θ + ε̂) */
  loss_here: number
  loss_there: number
  /** ‖g‖ */
  gradient_norm: number
  /** g′ along g and beside it: its two coordinates. */
  along: number
  beside: number
}

type Settings = SettingsIn<typeof settings>

export const step: Measure<'step', typeof settings, StepValues> = {
  id: 'step',
  title: 'step',
  about: 'The loss of the next batch on the plane of the two gradients of a SAM step.',
  runs: 'each',
  unit: 'points',
  settings,
  yields: {
    x: ['x'],
    y: ['y'],
    loss: ['y', 'x'],
    step: [],
    images: [],
    rho: [],
    learning_rate: [],
    loss_here: [],
    loss_there: [],
    gradient_norm: [],
    along: [],
    beside: [],
  },
  compute,
}

async function compute(job: MeasureJob<Settings, StepValues>): Promise<MeasureOutcome<StepValues>> {
  const planes: Plane[] = []
  try {
    for (const run of job.runs) planes.push(await openPlane(run, job.settings))
    const findings = planes.map(({ key, values }): Finding<StepValues> => ({ runs: [key], values }))
    const points = coarseToFineGrid(job.settings.plane_points).flatMap(([i, j]) =>
      planes.map((plane) => plane.point(i, j)),
    )
    const { cancelled } = await sweep({ ...job, points, findings })
    return { findings, cancelled }
  } finally {
    for (const plane of planes) plane.dispose()
  }
}

interface Plane {
  key: string
  values: StepValues
  point(i: number, j: number): Point
  dispose(): void
}

/** Where the update begins. */
const startOf = ({ training, theta, batchStats }: MeasuredRun) => training ?? { step: 0, theta, batchStats }

async function openPlane(run: MeasuredRun, { plane_rho, plane_points }: Settings): Promise<Plane> {
  const { key, config, network } = run
  const { step: next, theta, batchStats } = startOf(run)
  const { batch, stepsPerEpoch } = await batchOf(run, next)
  const rho = plane_rho || config.sam_rho || USUAL_RHO
  const targets = tf.tidy(() => smoothLabels(batch.labels, config.label_smoothing))
  const options = { gates: batch.gates, frozenStatistics: config.from_pretrained_checkpoint }
  const { directions, numbers } = spanned(run, batch, targets, rho)
  const [here, there, gradientNorm, along, beside] = await numbers.data()
  numbers.dispose()
  const learningRate = learningRateAt(config, next, stepsPerEpoch)
  const reach = MARGIN * Math.max(rho, learningRate * gradientNorm, learningRate * Math.hypot(along, beside))
  const axis = () => symmetricPoints(reach, plane_points)
  const values: StepValues = {
    x: axis(),
    y: axis(),
    loss: nans(plane_points ** 2),
    step: next,
    images: batch.labels.shape[0],
    rho,
    learning_rate: learningRate,
    loss_here: here,
    loss_there: there,
    gradient_norm: gradientNorm,
    along,
    beside,
  }
  const lossAt = capture((coordinates: tf.Scalar[]) =>
    tf.reshape<tf.Rank.R1>(
      lossOnly(
        network,
        pointOnSlice(theta, directions, coordinates),
        batchStats,
        batch.images,
        targets,
        options,
        config.loss,
      ),
      [1],
    ),
  )
  return {
    key,
    values,
    point: (i, j) => ({
      measure: () => lossAt([tf.scalar(values.x[j]), tf.scalar(values.y[i])]),
      store([loss]) {
        values.loss[i * plane_points + j] = loss
      },
    }),
    dispose() {
      lossAt.dispose()
      disposeBatch(batch)
      tf.dispose([...directions, targets])
    },
  }
}

/** As the training loop makes it. */
async function batchOf({ dataset, config, network }: MeasuredRun, next: number) {
  const stream = new BatchStream(dataset, config)
  const feed = new BatchFeed(stream, undefined, decodesImages() && stream.decodable)
  const { batchesPerStep, stepsPerEpoch } = stream
  const { gates } = network
  const parts: DeviceBatch[] = []
  let count = 0
  for (let at = next * batchesPerStep; at < (next + 1) * batchesPerStep && count < MOST_IMAGES; at++) {
    const images = await feed.take(at, at)
    const drawn = gates.width > 0 ? gatesOfStep(gates, images.count, config.run_seed, at) : undefined
    parts.push(uploadBatch(images, dataset, drawn))
    count += images.count
  }
  return { batch: parts.length === 1 ? parts[0] : joined(parts), stepsPerEpoch }
}

/** Of a full-batch step, at once. */
function joined(parts: readonly DeviceBatch[]): DeviceBatch {
  const gates = parts.flatMap((part) => (part.gates ? [part.gates] : []))
  const whole = {
    images: tf.concat(parts.map(({ images }) => images)) as tf.Tensor4D,
    labels: tf.concat(parts.map(({ labels }) => labels)) as tf.Tensor2D,
    ...(gates.length > 0 && { gates: tf.concat(gates) as tf.Tensor2D }),
  }
  parts.forEach(disposeBatch)
  return whole
}

/**
 * @returns unit vectors along g and along what g′ has beside it; L(θ), L(θ + ε̂), ‖g‖ and the coordinates of g′. All of
 * it the caller's to dispose.
 */
function spanned(
  run: MeasuredRun,
  batch: DeviceBatch,
  targets: tf.Tensor2D,
  rho: number,
): { directions: tf.Tensor1D[]; numbers: tf.Tensor1D } {
  const { network, config } = run
  const { theta, batchStats } = startOf(run)
  const maskValues = config.weight_decay > 0 ? decayMask(network, config.no_weight_decay_on_bn) : undefined
  return tf.tidy(() => {
    const decay = { weightDecay: config.weight_decay, mask: maskValues && tf.tensor1d(maskValues) }
    const passAt = (at: tf.Tensor1D, trueGradient: boolean) =>
      lossAndGradient(
        network,
        at,
        batchStats,
        batch.images,
        targets,
        decay,
        {
          gates: batch.gates,
          trueGradient,
          frozenStatistics: config.from_pretrained_checkpoint,
        },
        config.loss,
      )
    const clean = passAt(theta, true)
    const used = passAt(ascend(vectorMath, theta, clean.gradient, tf.scalar(rho)), false)
    const norm = vectorMath.norm(clean.gradient)
    const uphill = unit(clean.gradient)
    const along = vectorMath.dot(used.gradient, uphill)
    const rest = tf.sub<tf.Tensor1D>(used.gradient, tf.mul(uphill, along))
    const beside = vectorMath.norm(rest)
    // A gradient that does not turn spans no plane: any direction then does.
    const draw = tf.tensor1d(gaussianDraw(theta.size, config.run_seed, 0))
    const other = tf.sub<tf.Tensor1D>(draw, tf.mul(uphill, vectorMath.dot(draw, uphill)))
    const turns = tf.greater(beside, tf.mul(norm, 1e-6))
    const second = tf.where(turns, unit(rest), unit(other)) as tf.Tensor1D
    const numbers = tf.stack([clean.loss, used.loss, norm, along, beside]) as tf.Tensor1D
    return { directions: [uphill, second], numbers }
  })
}

const unit = (v: tf.Tensor1D): tf.Tensor1D => tf.div(v, tf.maximum(vectorMath.norm(v), TINY))
