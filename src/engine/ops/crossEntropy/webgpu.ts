/**
 * Cross-entropy of logits with what its gradient needs, whether the likeliest class is the label's, and the sums of
 * both that an evaluation wants.
 *
 * Parallelism: an invocation a row; batches are small beside everything else in a step.
 */
import type * as tf from '../../tf'
import { type Inputs, type Kernels, webGpuKernel } from '../../tf/kernels'
import { type Backend, runFlat, runFlatMany } from '../shared/program'
import { sumCopies } from '../shared/sumCopies'
import { CROSS_ENTROPY, ERRORS, EVALUATION_SUMS } from './crossEntropy'

/**
 * logits and targets [N, C] → −Σ y·log p of every row [N], and (p·Σy − y)/N [N, C], the gradient of the mean over
 * rows.
 */
export function crossEntropy(
  backend: Backend,
  logits: tf.TensorInfo,
  targets: tf.TensorInfo,
): tf.TensorInfo[] {
  const [rows, classes] = logits.shape
  return runFlatMany(backend, {
    key: 'crossEntropy',
    inputs: [
      { name: 'logits', tensor: logits, lanes: 1 },
      { name: 'targets', tensor: targets, lanes: 1 },
    ],
    outShape: [rows],
    outLanes: 1,
    moreOutputs: [{ name: 'residual', shape: [rows, classes], lanes: 1 }],
    uniforms: { rows, classes },
    threads: rows,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.rows) { return; }
  let begin = thread * uniforms.classes;
  let end = begin + uniforms.classes;
  var highest = logits[begin];
  for (var i = begin + 1; i < end; i++) { highest = max(highest, logits[i]); }
  var sum = 0.0;
  var mass = 0.0;
  for (var i = begin; i < end; i++) {
    sum += exp(logits[i] - highest);
    mass += targets[i];
  }
  let logSum = log(sum) + highest;
  var loss = 0.0;
  for (var i = begin; i < end; i++) {
    loss += targets[i] * (logSum - logits[i]);
    residual[i] = (exp(logits[i] - logSum) * mass - targets[i]) / f32(uniforms.rows);
  }
  result[thread] = loss;
}`,
  })
}

/** logits and labels [N, C] → 1 where their first maxima lie apart, else 0, [N]. */
export function errors(backend: Backend, logits: tf.TensorInfo, labels: tf.TensorInfo): tf.TensorInfo {
  const [rows, classes] = logits.shape
  return runFlat(backend, {
    key: 'errors',
    inputs: [
      { name: 'logits', tensor: logits, lanes: 1 },
      { name: 'labels', tensor: labels, lanes: 1 },
    ],
    outShape: [rows],
    outLanes: 1,
    uniforms: { rows, classes },
    threads: rows,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.rows) { return; }
  let begin = thread * uniforms.classes;
  var guess = begin;
  var label = begin;
  for (var i = begin + 1; i < begin + uniforms.classes; i++) {
    if (logits[i] > logits[guess]) { guess = i; }
    if (labels[i] > labels[label]) { label = i; }
  }
  result[thread] = select(0.0, 1.0, guess != label);
}`,
  })
}

/** The rows of an evaluation are summed in so many parts. */
const PARTS = 128

/**
 * logits and labels [N, C], mask [N] (all rows without one) → Σ loss and Σ errors over the mask's rows, [2]; targets
 * are (1 − smoothing)·y + smoothing/C.
 */
export function evaluationSums(
  backend: Backend,
  { logits, labels, mask }: { logits: tf.TensorInfo; labels: tf.TensorInfo; mask?: tf.TensorInfo },
  smoothing: number,
): tf.TensorInfo {
  const [rows, classes] = logits.shape
  const parts = Math.min(PARTS, rows)
  const inputs = { logits, labels, ...(mask && { mask }) }
  const partial = runFlat(backend, {
    key: mask ? 'evaluationSums_masked' : 'evaluationSums',
    inputs: Object.entries(inputs).map(([name, tensor]) => ({ name, tensor, lanes: 1 as const })),
    outShape: [parts, 2],
    outLanes: 1,
    uniforms: { rows, classes, parts },
    scale: smoothing,
    threads: parts,
    code: `
fn main(thread : i32) {
  if (thread >= uniforms.parts) { return; }
  var losses = 0.0;
  var wrong = 0.0;
  for (var row = thread; row < uniforms.rows; row += uniforms.parts) {
    let begin = row * uniforms.classes;
    let end = begin + uniforms.classes;
    var guess = begin;
    var label = begin;
    for (var i = begin + 1; i < end; i++) {
      if (logits[i] > logits[guess]) { guess = i; }
      if (labels[i] > labels[label]) { label = i; }
    }
    let highest = logits[guess];
    var sum = 0.0;
    for (var i = begin; i < end; i++) { sum += exp(logits[i] - highest); }
    let logSum = log(sum) + highest;
    var loss = 0.0;
    for (var i = begin; i < end; i++) {
      let target_ = (1.0 - uniforms.scale) * labels[i] + uniforms.scale / f32(uniforms.classes);
      loss += target_ * (logSum - logits[i]);
    }
    let weight = ${mask ? 'mask[row]' : '1.0'};
    losses += weight * loss;
    wrong += weight * select(0.0, 1.0, guess != label);
  }
  result[2 * thread] = losses;
  result[2 * thread + 1] = wrong;
}`,
  })
  return sumCopies(backend, partial, [2], parts)
}

export const webgpu: Kernels = {
  [CROSS_ENTROPY]: webGpuKernel((backend, { logits, targets }: Inputs<'logits' | 'targets'>) =>
    crossEntropy(backend, logits, targets),
  ),
  [ERRORS]: webGpuKernel((backend, { logits, labels }: Inputs<'logits' | 'labels'>) =>
    errors(backend, logits, labels),
  ),
  [EVALUATION_SUMS]: webGpuKernel(
    (backend, inputs: Inputs<'logits' | 'labels' | 'mask'>, { smoothing }: { smoothing: number }) =>
      evaluationSums(backend, inputs, smoothing),
  ),
}
