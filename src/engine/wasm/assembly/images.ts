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
  const table = load<usize>(p, 8)
  const batch = load<i32>(p, 16),
    height = load<i32>(p, 20),
    width = load<i32>(p, 24),
    channels = load<i32>(p, 28)
  const y0 = load<i32>(p, 36),
    y1 = load<i32>(p, 40),
    x0 = load<i32>(p, 44),
    x1 = load<i32>(p, 48)
  const isMixed = load<i32>(p, 52) !== 0
  const second = table + ((<usize>(256 * channels)) << 2)
  for (let unit = from; unit < to; unit++) {
    const image = unit / height,
      y = unit % height
    const out = load<usize>(p, 12) + ((<usize>(unit * width * channels)) << 2)
    decodeRow(p, out, image, y, table, false)
    if (isMixed) decodeRow(p, out, batch - 1 - image, y, second, true)
    if (y < y0 || y >= y1) continue
    memory.fill(out + ((<usize>(x0 * channels)) << 2), 0, (<usize>((x1 - x0) * channels)) << 2)
  }
}

/** A row of the result, or what is added to it. */
function decodeRow(p: usize, out: usize, image: i32, y: i32, table: usize, adds: bool): void {
  const pixels = load<usize>(p),
    move = load<i32>(load<usize>(p, 4) + ((<usize>image) << 2))
  const height = load<i32>(p, 20),
    width = load<i32>(p, 24),
    channels = load<i32>(p, 28),
    pad = load<i32>(p, 32)
  const row = mirrored(y + ((move >> 8) & 255) - pad, height)
  const shift = ((move >> 16) & 255) - pad
  const isFlipped = (move & 255) !== 0
  const source = pixels + <usize>((image * height + row) * width * channels)
  for (let x = 0; x < width; x++) {
    const shifted = mirrored(x + shift, width)
    let at = source + <usize>((isFlipped ? width - 1 - shifted : shifted) * channels)
    let values = table
    for (let c = 0; c < channels; c++, at++, values += 1024, out += 4) {
      const value = load<f32>(values + ((<usize>load<u8>(at)) << 2))
      store<f32>(out, adds ? load<f32>(out) + value : value)
    }
  }
}
