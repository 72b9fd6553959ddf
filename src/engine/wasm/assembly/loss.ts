/** Cross-entropy of logits [N, C], errors and what an evaluation sums. */
import { exp1, log1 } from './simd'

function highest(row: usize, classes: i32): i32 {
  let best = 0
  for (let i = 1; i < classes; i++) {
    if (load<f32>(row + ((<usize>i) << 2)) > load<f32>(row + ((<usize>best) << 2))) best = i
  }
  return best
}

/** log Σ exp of a row. */
function logSum(row: usize, classes: i32): f32 {
  const most = load<f32>(row + ((<usize>highest(row, classes)) << 2))
  let sum: f32 = 0
  for (let i = 0; i < classes; i++) sum += exp1(load<f32>(row + ((<usize>i) << 2)) - most)
  return log1(sum) + most
}

/** Unit: a row. Parameters: logits, targets, losses [N], residual (p·Σy − y)/N [N, C], rows, classes. */
export function crossEntropy(p: usize, from: i32, to: i32): void {
  const rows = load<i32>(p, 16),
    classes = load<i32>(p, 20)
  for (let unit = from; unit < to; unit++) {
    const offset = (<usize>(unit * classes)) << 2
    const logits = load<usize>(p) + offset,
      targets = load<usize>(p, 4) + offset,
      residual = load<usize>(p, 12) + offset
    const log = logSum(logits, classes)
    let mass: f32 = 0,
      loss: f32 = 0
    for (let i: usize = 0, end = (<usize>classes) << 2; i < end; i += 4) {
      mass += load<f32>(targets + i)
      loss += load<f32>(targets + i) * (log - load<f32>(logits + i))
    }
    for (let i: usize = 0, end = (<usize>classes) << 2; i < end; i += 4) {
      store<f32>(
        residual + i,
        (exp1(load<f32>(logits + i) - log) * mass - load<f32>(targets + i)) / <f32>rows,
      )
    }
    store<f32>(load<usize>(p, 8) + ((<usize>unit) << 2), loss)
  }
}

/** Unit: a row. Parameters: logits, labels, errors [N], classes: 1 where the first maxima lie apart. */
export function errors(p: usize, from: i32, to: i32): void {
  const classes = load<i32>(p, 12)
  for (let unit = from; unit < to; unit++) {
    const offset = (<usize>(unit * classes)) << 2
    const isWrong = highest(load<usize>(p) + offset, classes) !== highest(load<usize>(p, 4) + offset, classes)
    store<f32>(load<usize>(p, 8) + ((<usize>unit) << 2), isWrong ? 1 : 0)
  }
}

/** Parameters: logits, labels, mask (0: none), sums [2] of losses and errors, rows, classes, smoothing. */
export function evaluationSums(p: usize): void {
  const mask = load<usize>(p, 8),
    sums = load<usize>(p, 12)
  const rows = load<i32>(p, 16),
    classes = load<i32>(p, 20)
  const smoothing = load<f32>(p, 24)
  const even: f32 = smoothing / <f32>classes
  let losses: f64 = 0,
    wrong: f64 = 0
  for (let row = 0; row < rows; row++) {
    const offset = (<usize>(row * classes)) << 2
    const logits = load<usize>(p) + offset,
      labels = load<usize>(p, 4) + offset
    const log = logSum(logits, classes)
    let loss: f32 = 0
    for (let i: usize = 0, end = (<usize>classes) << 2; i < end; i += 4) {
      const target: f32 = (1 - smoothing) * load<f32>(labels + i) + even
      loss += target * (log - load<f32>(logits + i))
    }
    const weight: f32 = mask === 0 ? 1 : load<f32>(mask + ((<usize>row) << 2))
    losses += <f64>(weight * loss)
    if (highest(logits, classes) !== highest(labels, classes)) wrong += <f64>weight
  }
  store<f32>(sums, <f32>losses)
  store<f32>(sums, <f32>wrong, 4)
}
