/**
 * Depthwise convolution, one filter a channel. Parameters of all: x (or dy), filter (or dy), result, batch, height,
 * width, channels, height, width of y, filter's height, width, strides, padding above and left.
 */
import { loadSome, madd, storeSome } from './simd'

/** Unit: a row of one image of y. */
export function depthwiseForward(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    w = load<usize>(p, 4),
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
  const step = (<usize>channels) << 2
  for (let unit = from; unit < to; unit++) {
    const n = unit / outHeight,
      oy = unit % outHeight
    const y0 = max(0, top - oy * sh),
      y1 = min(kh, height + top - oy * sh)
    for (let ox = 0; ox < outWidth; ox++) {
      const x0 = max(0, left - ox * sw),
        x1 = min(kw, width + left - ox * sw)
      const out = y + <usize>(unit * outWidth + ox) * step
      for (let c = 0; c < channels; c += 4) {
        const rest = channels - c
        const here = (<usize>c) << 2
        let sum = f32x4.splat(0)
        for (let ky = y0; ky < y1; ky++) {
          const row = (n * height + oy * sh - top + ky) * width + ox * sw - left
          for (let kx = x0; kx < x1; kx++) {
            const value = loadSome(x + <usize>(row + kx) * step + here, rest)
            sum = madd(value, loadSome(w + <usize>(ky * kw + kx) * step + here, rest), sum)
          }
        }
        storeSome(out + here, sum, rest)
      }
    }
  }
}

/** dy, filter → dx. Unit: a row of one image of x. */
export function depthwiseInput(p: usize, from: i32, to: i32): void {
  const dy = load<usize>(p),
    w = load<usize>(p, 4),
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
  const top = load<i32>(p, 52),
    left = load<i32>(p, 56)
  const step = (<usize>channels) << 2
  for (let unit = from; unit < to; unit++) {
    const n = unit / height,
      iy = unit % height
    for (let ix = 0; ix < width; ix++) {
      const out = dx + <usize>(unit * width + ix) * step
      for (let c = 0; c < channels; c += 4) {
        const rest = channels - c
        const here = (<usize>c) << 2
        let sum = f32x4.splat(0)
        for (let ky = (iy + top) % sh; ky < kh; ky += sh) {
          const oy = (iy + top - ky) / sh
          if (iy + top < ky) break
          if (oy >= outHeight) continue
          for (let kx = (ix + left) % sw; kx < kw; kx += sw) {
            if (ix + left < kx) break
            const ox = (ix + left - kx) / sw
            if (ox >= outWidth) continue
            const value = loadSome(dy + <usize>((n * outHeight + oy) * outWidth + ox) * step + here, rest)
            sum = madd(value, loadSome(w + <usize>(ky * kw + kx) * step + here, rest), sum)
          }
        }
        storeSome(out + here, sum, rest)
      }
    }
  }
}

/** x, dy → dw. Unit: four channels, over all pixels; the sums of a row of pixels are added up one after the other. */
export function depthwiseFilter(p: usize, from: i32, to: i32): void {
  const x = load<usize>(p),
    dy = load<usize>(p, 4),
    dw = load<usize>(p, 8),
    batch = load<i32>(p, 12)
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
  const step = (<usize>channels) << 2
  for (let unit = from; unit < to; unit++) {
    const c = unit * 4
    const rest = channels - c
    const here = (<usize>c) << 2
    for (let tap = 0; tap < kh * kw; tap++) {
      const ky = tap / kw,
        kx = tap % kw
      // Pixels of y whose tap lies inside x.
      const x0 = max(0, (left - kx + sw - 1) / sw)
      const x1 = min(outWidth, width - 1 + left - kx < 0 ? 0 : (width - 1 + left - kx) / sw + 1)
      let total = f32x4.splat(0)
      for (let n = 0; n < batch; n++) {
        for (let oy = 0; oy < outHeight; oy++) {
          const iy = oy * sh - top + ky
          if (iy < 0 || iy >= height) continue
          let a = x + <usize>((n * height + iy) * width + x0 * sw - left + kx) * step + here
          let b = dy + <usize>((n * outHeight + oy) * outWidth + x0) * step + here
          let sum = f32x4.splat(0)
          for (let ox = x0; ox < x1; ox++, a += <usize>sw * step, b += step) {
            sum = madd(loadSome(a, rest), loadSome(b, rest), sum)
          }
          total = f32x4.add(total, sum)
        }
      }
      storeSome(dw + <usize>tap * step + here, total, rest)
    }
  }
}
