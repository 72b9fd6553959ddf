/**
 * Pooling. Parameters of all: first and second tensor, result, batch, height, width of the map, channels, height, width
 * of the pooled map, window, strides, padding above and left. Unit: a row of one image of the result.
 */
import { loadSome, storeSome, zeroValues } from './simd'

/** The maximum of every window (what is not a number is passed over), or its mean over what lies inside. x, –, y. */
export function pool(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    y = load<usize>(p, 8)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    channels = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32)
  const kh = load<i32>(p, 36),
    kw = load<i32>(p, 40),
    sh = load<i32>(p, 44),
    sw = load<i32>(p, 48)
  const top = load<i32>(p, 52),
    left = load<i32>(p, 56)
  const isMean = load<i32>(p, 60) !== 0
  for (let unit = from; unit < to; unit++) {
    const n = unit / outHeight,
      oy = unit % outHeight
    const y0 = max(0, oy * sh - top),
      y1 = min(height, oy * sh - top + kh)
    for (let ox = 0; ox < outWidth; ox++) {
      const x0 = max(0, ox * sw - left),
        x1 = min(width, ox * sw - left + kw)
      const out = y + ((<usize>((unit * outWidth + ox) * channels)) << 2)
      const share = f32x4.splat(<f32>1 / <f32>max(1, (y1 - y0) * (x1 - x0)))
      for (let c = 0; c < channels; c += 4) {
        let value = isMean ? f32x4.splat(0) : f32x4.splat(-Infinity)
        for (let iy = y0; iy < y1; iy++) {
          let at = x + ((<usize>(((n * height + iy) * width + x0) * channels + c)) << 2)
          for (let ix = x0; ix < x1; ix++, at += (<usize>channels) << 2) {
            const here = loadSome(at, channels - c)
            value = isMean ? f32x4.add(value, here) : v128.bitselect(here, value, f32x4.gt(here, value))
          }
        }
        storeSome(out + ((<usize>c) << 2), isMean ? f32x4.mul(value, share) : value, channels - c)
      }
    }
  }
}

/**
 * dy, x → dx: the first maximum of a window (row by row) takes its gradient. Parameter 64: 0 the gradient; 1: v, x → v
 * at each window's first maximum. Unit: an image.
 */
export function maxPoolBack(p: usize, from: i32, to: i32): void {
  const given = load<usize>(p),
    x = load<usize>(p, 4),
    result = load<usize>(p, 8)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    channels = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32)
  const kh = load<i32>(p, 36),
    kw = load<i32>(p, 40),
    sh = load<i32>(p, 44),
    sw = load<i32>(p, 48)
  const top = load<i32>(p, 52),
    left = load<i32>(p, 56)
  const isRead = load<i32>(p, 60) !== 0
  for (let n = from; n < to; n++) {
    if (!isRead) {
      const size = height * width * channels
      zeroValues(result + ((<usize>(n * size)) << 2), size)
    }
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = max(0, oy * sh - top),
        y1 = min(height, oy * sh - top + kh)
      for (let ox = 0; ox < outWidth; ox++) {
        const x0 = max(0, ox * sw - left),
          x1 = min(width, ox * sw - left + kw)
        const out = (<usize>(((n * outHeight + oy) * outWidth + ox) * channels)) << 2
        for (let c = 0; c < channels; c += 4) {
          const rest = channels - c
          let value = f32x4.splat(-Infinity)
          let place = i32x4.splat(-1)
          for (let iy = y0; iy < y1; iy++) {
            for (let ix = x0; ix < x1; ix++) {
              const at = (n * height + iy) * width + ix
              const here = loadSome(x + ((<usize>(at * channels + c)) << 2), rest)
              const isHigher = f32x4.gt(here, value)
              value = v128.bitselect(here, value, isHigher)
              place = v128.bitselect(i32x4.splat(at), place, isHigher)
            }
          }
          const at = out + ((<usize>c) << 2)
          move(isRead, given, result, at, i32x4.extract_lane(place, 0), channels, c)
          if (rest > 1) move(isRead, given, result, at + 4, i32x4.extract_lane(place, 1), channels, c + 1)
          if (rest > 2) move(isRead, given, result, at + 8, i32x4.extract_lane(place, 2), channels, c + 2)
          if (rest > 3) move(isRead, given, result, at + 12, i32x4.extract_lane(place, 3), channels, c + 3)
        }
      }
    }
  }
}

function move(
  isRead: bool,
  given: usize,
  result: usize,
  out: usize,
  place: i32,
  channels: i32,
  c: i32,
): void {
  if (place < 0) {
    if (isRead) store<f32>(result + out, 0)
    return
  }
  const source = (<usize>(place * channels + c)) << 2
  if (isRead) store<f32>(result + out, load<f32>(given + source))
  else store<f32>(result + source, load<f32>(result + source) + load<f32>(given + out))
}

/**
 * dy → dx of average pooling whose windows all lie inside the image. Parameter 64: channels of dy, x's or more.
 * Unit: a row of one image of dx.
 */
export function meanPoolBack(p: usize, from: i32, to: i32): void {
  const dy = load<usize>(p),
    dx = load<usize>(p, 8)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    channels = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32)
  const kh = load<i32>(p, 36),
    kw = load<i32>(p, 40),
    sh = load<i32>(p, 44),
    sw = load<i32>(p, 48)
  const gradientChannels = load<i32>(p, 64)
  const share = f32x4.splat(<f32>1 / <f32>(kh * kw))
  for (let unit = from; unit < to; unit++) {
    const n = unit / height,
      iy = unit % height
    const y0 = max(0, (iy - kh + sh) / sh),
      y1 = min(outHeight - 1, iy / sh)
    for (let ix = 0; ix < width; ix++) {
      const x0 = max(0, (ix - kw + sw) / sw),
        x1 = min(outWidth - 1, ix / sw)
      const out = dx + ((<usize>((unit * width + ix) * channels)) << 2)
      for (let c = 0; c < channels; c += 4) {
        let sum = f32x4.splat(0)
        for (let oy = iy - kh + sh < 0 ? 0 : y0; oy <= y1; oy++) {
          for (let ox = ix - kw + sw < 0 ? 0 : x0; ox <= x1; ox++) {
            const at = ((n * outHeight + oy) * outWidth + ox) * gradientChannels + c
            sum = f32x4.add(sum, loadSome(dy + ((<usize>at) << 2), channels - c))
          }
        }
        storeSome(out + ((<usize>c) << 2), f32x4.mul(sum, share), channels - c)
      }
    }
  }
}

/** x + the pooled residual, whose missing channels are zeros: x, residual → y. Parameter 64: channels of x. Unit: a row of one image of y. */
export function shortcut(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    residual = load<usize>(p, 4),
    y = load<usize>(p, 8)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    channels = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32)
  const kh = load<i32>(p, 36),
    kw = load<i32>(p, 40),
    sh = load<i32>(p, 44),
    sw = load<i32>(p, 48)
  const outChannels = load<i32>(p, 64)
  const share = f32x4.splat(<f32>1 / <f32>(kh * kw))
  for (let unit = from; unit < to; unit++) {
    const n = unit / outHeight,
      oy = unit % outHeight
    for (let ox = 0; ox < outWidth; ox++) {
      const place = (<usize>((unit * outWidth + ox) * outChannels)) << 2
      for (let c = 0; c < outChannels; c += 4) {
        const rest = outChannels - c
        const here = place + ((<usize>c) << 2)
        let sum = f32x4.splat(0)
        const pooled = min(4, channels - c)
        if (pooled > 0) {
          for (let iy = oy * sh; iy < oy * sh + kh; iy++) {
            let at = residual + ((<usize>(((n * height + iy) * width + ox * sw) * channels + c)) << 2)
            for (let ix = 0; ix < kw; ix++, at += (<usize>channels) << 2)
              sum = f32x4.add(sum, loadSome(at, pooled))
          }
        }
        storeSome(y + here, f32x4.add(loadSome(x + here, rest), f32x4.mul(sum, share)), rest)
      }
    }
  }
}
