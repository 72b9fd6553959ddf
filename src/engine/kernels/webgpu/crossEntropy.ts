/**
 * Cross-entropy of logits with what its gradient needs, and whether the likeliest class is the label's.
 *
 * Parallelism: an invocation a row; batches are small beside everything else in a step.
 */
import type * as tf from '../../tf'
import { type Backend, runFlat, runFlatMany } from './program'

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
