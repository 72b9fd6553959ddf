/**
 * uint8 images to what a network sees: flipped, shifted with their edges mirrored, normalised by a table, mixed with
 * another image of the batch, a square of them zeroed; with the bits of the same steps on the host.
 */

function mirrored(i: i32, length: i32): i32 {
  if (i < 0) return -i
  return i < length ? i : 2 * (length - 1) - i
}

/** Unit: a row of one image. Parameters: bytes, moves, table, out, batch, height, width, channels, pad, square's rows and columns, mixed. */
export function decodeImages(p: usize, from: i32, to: i32): void {
  const pixels = load<usize>(p),
    moves = load<usize>(p, 4),
    table = load<usize>(p, 8)
  const batch = load<i32>(p, 16),
    height = load<i32>(p, 20),
    width = load<i32>(p, 24),
    channels = load<i32>(p, 28)
  const pad = load<i32>(p, 32)
  const y0 = load<i32>(p, 36),
    y1 = load<i32>(p, 40),
    x0 = load<i32>(p, 44),
    x1 = load<i32>(p, 48)
  const isMixed = load<i32>(p, 52) !== 0
  const second = table + ((<usize>(256 * channels)) << 2)
  for (let unit = from; unit < to; unit++) {
    const image = unit / height,
      y = unit % height
    let out = load<usize>(p, 12) + ((<usize>(unit * width * channels)) << 2)
    for (let x = 0; x < width; x++) {
      const isCut = y >= y0 && y < y1 && x >= x0 && x < x1
      const own = sourceOf(moves, image, y, x, height, width, pad) * channels
      const other = isMixed ? sourceOf(moves, batch - 1 - image, y, x, height, width, pad) * channels : 0
      for (let c = 0; c < channels; c++, out += 4) {
        if (isCut) {
          store<f32>(out, 0)
          continue
        }
        let value = load<f32>(table + ((<usize>(256 * c + load<u8>(pixels + own + c))) << 2))
        if (isMixed) value += load<f32>(second + ((<usize>(256 * c + load<u8>(pixels + other + c))) << 2))
        store<f32>(out, value)
      }
    }
  }
}

function sourceOf(moves: usize, image: i32, y: i32, x: i32, height: i32, width: i32, pad: i32): i32 {
  const move = load<i32>(moves + ((<usize>image) << 2))
  const row = mirrored(y + ((move >> 8) & 255) - pad, height)
  const shifted = mirrored(x + ((move >> 16) & 255) - pad, width)
  return (image * height + row) * width + ((move & 255) !== 0 ? width - 1 - shifted : shifted)
}
