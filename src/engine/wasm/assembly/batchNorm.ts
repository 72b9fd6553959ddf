/**
 * Batch norm with its activation over x [rows, channels], statistics by parts of the rows:
 *     z = gain·(x − mean) + shift,  gain = gamma/√(var + ε),  y = act(z)
 *     dx = gain·(dz − Σdz/rows − (x − mean)·Σ dz·(x − mean)/(rows·(var + ε)))
 * Source: Ioffe & Szegedy 2015, §3.
 */
import { loadSome, sigmoid4, storeSome } from './simd'

/** 0 none, 1 relu, 2 swish. */
function activate4(z: v128, activation: i32): v128 {
  if (activation === 1) return v128.andnot(z, f32x4.lt(z, f32x4.splat(0)))
  return activation === 2 ? f32x4.mul(z, sigmoid4(z)) : z
}

/** dz = dy·act′(z), relu′(0) = 0. */
function through4(dy: v128, z: v128, activation: i32): v128 {
  if (activation === 1) return v128.and(dy, f32x4.gt(z, f32x4.splat(0)))
  if (activation !== 2) return dy
  const s = sigmoid4(z)
  const one = f32x4.splat(1)
  return f32x4.mul(f32x4.mul(dy, s), f32x4.add(one, f32x4.mul(z, f32x4.sub(one, s))))
}

/** Where each of the four rows of statistics [4, C] begins: mean, variance, gain, shift. */
function row(statistics: usize, channels: i32, which: i32): usize {
  return statistics + ((<usize>(which * channels)) << 2)
}

/** Unit: a part of the rows. Parameters: x, parts [parts, 2, C], rows, channels, rows of a part. */
export function batchSums(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    parts = load<usize>(p, 4)
  const rows = load<i32>(p, 8),
    channels = load<i32>(p, 12),
    perPart = load<i32>(p, 16)
  const step = (<usize>channels) << 2
  for (let unit = from; unit < to; unit++) {
    const begin = x + <usize>(unit * perPart) * step
    const end = x + <usize>min((unit + 1) * perPart, rows) * step
    const sums = parts + <usize>unit * 2 * step
    let c = 0
    for (; c + 16 <= channels; c += 16) {
      let a = f32x4.splat(0),
        b = f32x4.splat(0),
        d = f32x4.splat(0),
        e = f32x4.splat(0)
      let aa = f32x4.splat(0),
        bb = f32x4.splat(0),
        dd = f32x4.splat(0),
        ee = f32x4.splat(0)
      for (let at = begin + ((<usize>c) << 2); at < end; at += step) {
        let v = v128.load(at)
        a = f32x4.add(a, v)
        aa = f32x4.add(aa, f32x4.mul(v, v))
        v = v128.load(at, 16)
        b = f32x4.add(b, v)
        bb = f32x4.add(bb, f32x4.mul(v, v))
        v = v128.load(at, 32)
        d = f32x4.add(d, v)
        dd = f32x4.add(dd, f32x4.mul(v, v))
        v = v128.load(at, 48)
        e = f32x4.add(e, v)
        ee = f32x4.add(ee, f32x4.mul(v, v))
      }
      const to = sums + ((<usize>c) << 2)
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, d, 32)
      v128.store(to, e, 48)
      v128.store(to + step, aa)
      v128.store(to + step, bb, 16)
      v128.store(to + step, dd, 32)
      v128.store(to + step, ee, 48)
    }
    for (; c < channels; c += 4) {
      const left = channels - c
      let a = f32x4.splat(0),
        aa = f32x4.splat(0)
      for (let at = begin + ((<usize>c) << 2); at < end; at += step) {
        const v = loadSome(at, left)
        a = f32x4.add(a, v)
        aa = f32x4.add(aa, f32x4.mul(v, v))
      }
      storeSome(sums + ((<usize>c) << 2), a, left)
      storeSome(sums + step + ((<usize>c) << 2), aa, left)
    }
  }
}

/** Σ over the parts into part 0. */
function addParts(parts: usize, count: i32, channels: i32): void {
  const step = (<usize>channels) << 3
  for (let i: usize = 0; i < step; i += 4) {
    let sum: f64 = 0
    for (let k = 0; k < count; k++) sum += <f64>load<f32>(parts + <usize>k * step + i)
    store<f32>(parts + i, <f32>sum)
  }
}

/** Parameters: parts, how many, rows, channels, ε, gamma, beta, statistics [4, C]. */
export function batchStatistics(p: usize): void {
  const parts = load<usize>(p),
    count = load<i32>(p, 4),
    rows = load<i32>(p, 8),
    channels = load<i32>(p, 12)
  const epsilon = load<f32>(p, 16)
  const gamma = load<usize>(p, 20),
    beta = load<usize>(p, 24),
    statistics = load<usize>(p, 28)
  addParts(parts, count, channels)
  const step = (<usize>channels) << 2
  for (let at: usize = 0; at < step; at += 4) {
    const mean: f32 = load<f32>(parts + at) / <f32>rows
    const variance: f32 = load<f32>(parts + step + at) / <f32>rows - mean * mean
    store<f32>(statistics + at, mean)
    store<f32>(row(statistics, channels, 1) + at, variance)
    store<f32>(row(statistics, channels, 2) + at, load<f32>(gamma + at) / Mathf.sqrt(variance + epsilon))
    store<f32>(row(statistics, channels, 3) + at, load<f32>(beta + at))
  }
}

/** Of statistics that are given. Parameters: mean, variance, channels, ε, gamma, beta, statistics [4, C]. */
export function givenStatistics(p: usize): void {
  const channels = load<i32>(p, 8)
  const epsilon = load<f32>(p, 12)
  const statistics = load<usize>(p, 24)
  for (let at: usize = 0, end = (<usize>channels) << 2; at < end; at += 4) {
    const variance = load<f32>(load<usize>(p, 4) + at)
    store<f32>(statistics + at, load<f32>(load<usize>(p) + at))
    store<f32>(row(statistics, channels, 1) + at, variance)
    store<f32>(
      row(statistics, channels, 2) + at,
      load<f32>(load<usize>(p, 16) + at) / Mathf.sqrt(variance + epsilon),
    )
    store<f32>(row(statistics, channels, 3) + at, load<f32>(load<usize>(p, 20) + at))
  }
}

/** Unit: a part of the rows. Parameters: x, statistics, y, rows, channels, rows of a part, activation. */
export function batchApply(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    statistics = load<usize>(p, 4),
    y = load<usize>(p, 8)
  const rows = load<i32>(p, 12),
    channels = load<i32>(p, 16),
    perPart = load<i32>(p, 20)
  const activation = load<i32>(p, 24)
  const means = row(statistics, channels, 0),
    gains = row(statistics, channels, 2)
  const shifts = row(statistics, channels, 3)
  const step = (<usize>channels) << 2
  const begin = <usize>(from * perPart) * step
  const end = <usize>min(to * perPart, rows) * step
  for (let at = begin; at < end; at += step) {
    let c: usize = 0
    for (; c + 16 <= step; c += 16) {
      const centred = f32x4.sub(v128.load(x + at + c), v128.load(means + c))
      const z = f32x4.add(f32x4.mul(centred, v128.load(gains + c)), v128.load(shifts + c))
      v128.store(y + at + c, activate4(z, activation))
    }
    const left = <i32>((step - c) >> 2)
    if (left === 0) continue
    const centred = f32x4.sub(loadSome(x + at + c, left), loadSome(means + c, left))
    const z = f32x4.add(f32x4.mul(centred, loadSome(gains + c, left)), loadSome(shifts + c, left))
    storeSome(y + at + c, activate4(z, activation), left)
  }
}

/** Σ dz and Σ dz·(x − mean). Unit: a part of the rows. Parameters: x, dy, statistics, parts, rows, channels, rows of a part, activation. */
export function batchGradientSums(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    dy = load<usize>(p, 4),
    statistics = load<usize>(p, 8),
    parts = load<usize>(p, 12)
  const rows = load<i32>(p, 16),
    channels = load<i32>(p, 20),
    perPart = load<i32>(p, 24)
  const activation = load<i32>(p, 28)
  const means = row(statistics, channels, 0),
    gains = row(statistics, channels, 2)
  const shifts = row(statistics, channels, 3)
  const step = (<usize>channels) << 2
  for (let unit = from; unit < to; unit++) {
    const begin = <usize>(unit * perPart) * step
    const end = <usize>min((unit + 1) * perPart, rows) * step
    const sums = parts + <usize>unit * 2 * step
    for (let c = 0; c < channels; c += 4) {
      const left = channels - c
      const here = (<usize>c) << 2
      const mean = loadSome(means + here, left),
        gain = loadSome(gains + here, left)
      const shift = loadSome(shifts + here, left)
      let first = f32x4.splat(0),
        second = f32x4.splat(0)
      if (left >= 4) {
        for (let at = begin + here; at < end; at += step) {
          const centred = f32x4.sub(v128.load(x + at), mean)
          const dz = through4(v128.load(dy + at), f32x4.add(f32x4.mul(centred, gain), shift), activation)
          first = f32x4.add(first, dz)
          second = f32x4.add(second, f32x4.mul(dz, centred))
        }
      } else {
        for (let at = begin + here; at < end; at += step) {
          const centred = f32x4.sub(loadSome(x + at, left), mean)
          const dz = through4(loadSome(dy + at, left), f32x4.add(f32x4.mul(centred, gain), shift), activation)
          first = f32x4.add(first, dz)
          second = f32x4.add(second, f32x4.mul(dz, centred))
        }
      }
      storeSome(sums + here, first, left)
      storeSome(sums + step + here, second, left)
    }
  }
}

/**
 * Parameters: parts, how many, rows, channels, ε, statistics, dgamma, dbeta, coefficients [2, C]: Σdz/rows and
 * Σ dz·(x − mean)/(rows·(var + ε)).
 */
export function batchGradientFinish(p: usize): void {
  const parts = load<usize>(p),
    count = load<i32>(p, 4),
    rows = load<i32>(p, 8),
    channels = load<i32>(p, 12)
  const epsilon = load<f32>(p, 16)
  const statistics = load<usize>(p, 20),
    dgamma = load<usize>(p, 24),
    dbeta = load<usize>(p, 28)
  const coefficients = load<usize>(p, 32)
  addParts(parts, count, channels)
  const step = (<usize>channels) << 2
  for (let at: usize = 0; at < step; at += 4) {
    const first = load<f32>(parts + at),
      second = load<f32>(parts + step + at)
    const spread: f32 = load<f32>(row(statistics, channels, 1) + at) + epsilon
    store<f32>(dbeta + at, first)
    store<f32>(dgamma + at, second / Mathf.sqrt(spread))
    store<f32>(coefficients + at, first / <f32>rows)
    store<f32>(coefficients + step + at, second / spread / <f32>rows)
  }
}

/** Unit: a part of the rows. Parameters: x, dy, statistics, coefficients, dx, rows, channels, rows of a part, activation. */
export function batchGradientApply(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    dy = load<usize>(p, 4),
    statistics = load<usize>(p, 8),
    offsets = load<usize>(p, 12)
  const dx = load<usize>(p, 16)
  const rows = load<i32>(p, 20),
    channels = load<i32>(p, 24),
    perPart = load<i32>(p, 28)
  const activation = load<i32>(p, 32)
  const means = row(statistics, channels, 0),
    gains = row(statistics, channels, 2)
  const shifts = row(statistics, channels, 3)
  const step = (<usize>channels) << 2
  const slopes = offsets + step
  const begin = <usize>(from * perPart) * step
  const end = <usize>min(to * perPart, rows) * step
  for (let at = begin; at < end; at += step) {
    for (let c: usize = 0; c < step; c += 16) {
      const left = <i32>((step - c) >> 2)
      const gain = loadSome(gains + c, left)
      const centred = f32x4.sub(loadSome(x + at + c, left), loadSome(means + c, left))
      const z = f32x4.add(f32x4.mul(centred, gain), loadSome(shifts + c, left))
      const dz = through4(loadSome(dy + at + c, left), z, activation)
      const even = f32x4.sub(dz, loadSome(offsets + c, left))
      const d = f32x4.mul(gain, f32x4.sub(even, f32x4.mul(loadSome(slopes + c, left), centred)))
      storeSome(dx + at + c, d, left)
    }
  }
}
