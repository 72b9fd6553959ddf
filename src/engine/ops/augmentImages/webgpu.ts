/**
 * The image operations of AutoAugment and RandAugment (engine/ops/augmentImages/program.ts) on uint8 images, in integers only:
 * WGSL may fuse, reorder and round float arithmetic as it likes, and one unit decides what a dropped fraction leaves.
 * Where the reference computes in float32, its roundings are done here by hand, so the bits are the host's.
 *
 * Parallelism: a workgroup an image, which stays in its memory through all operations; every operation goes through the
 * same barriers, needed or not.
 */

import type * as tf from '../../tf'
import { type Kernels, webGpuKernel } from '../../tf/kernels'
import { type Backend, runFlat } from '../shared/program'
import { AUGMENT_IMAGES, roomFor } from './augmentImages'
import { HEADER, NOWHERE, OP_CODES, WORDS_PER_OP } from './program'

/** Invocations an image, on every adapter: what tests run is what graphics devices run. */
const WORKGROUP = 256

/** Parts in which a channel's histogram is added up. */
const SEGMENTS = 16

export interface AugmentAttrs {
  /** [N, H, W, C] */
  shape: [number, number, number, number]
  layers: number
}

/**
 * @param pixels int32, four bytes of [N, H, W, C] in each, the first the lowest
 * @param ops int32 [N · layers · 2]
 * @returns int32 [N, H, W]: a pixel's channels in a byte each, the first the lowest
 */
export function augmentImages(
  backend: Backend,
  { pixels, ops, tables }: Record<'pixels' | 'ops' | 'tables', tf.TensorInfo>,
  { shape, layers }: AugmentAttrs,
): tf.TensorInfo {
  const [count, height, width, channels] = shape
  const room = roomFor({ height, width, channels })
  return runFlat(backend, {
    key: `augmentImages_${room}_${channels}`,
    inputs: [
      { name: 'pixels', tensor: pixels, lanes: 1 },
      { name: 'ops', tensor: ops, lanes: 1 },
      { name: 'tables', tensor: tables, lanes: 1 },
    ],
    outShape: [count, height, width],
    outLanes: 1,
    outType: 'int32',
    uniforms: { size: [height, width], count, layers },
    workgroup: WORKGROUP,
    threads: count * WORKGROUP,
    code: text(room, channels),
  })
}

const text = (room: number, channels: number) => `
// The image before an operation and after it, in turn; a channel in each byte.
var<workgroup> shown : array<u32, ${2 * room}>;
var<workgroup> counts : array<atomic<u32>, ${256 * channels}>;
var<workgroup> lowest : array<atomic<u32>, ${channels}>;
var<workgroup> highest : array<atomic<u32>, ${channels}>;
var<workgroup> sums : array<u32, ${SEGMENTS * channels}>;
var<workgroup> lut : array<u32, ${256 * channels}>;
fn channelOf(pixel : u32, c : u32) -> u32 { return (pixel >> (8u * c)) & 255u; }
${ROUNDING}
${GREY}
${BLEND}
${SMOOTH}
${STRETCH}

// Zero everywhere and the extremes beyond what there is.
fn clearCounts(local : u32) {
  for (var i = local; i < ${256 * channels}u; i += ${WORKGROUP}u) { atomicStore(&counts[i], 0u); }
  if (local < ${channels}u) {
    atomicStore(&lowest[local], 255u);
    atomicStore(&highest[local], 0u);
  }
}

fn count(local : u32, from_ : u32, pixelCount : u32, isHistogram : bool) {
  var low = vec4<u32>(255u);
  var high = vec4<u32>(0u);
  for (var p = local; p < pixelCount; p += ${WORKGROUP}u) {
    let pixel = shown[from_ + p];
    let values = vec4<u32>(channelOf(pixel, 0u), channelOf(pixel, 1u), channelOf(pixel, 2u), 0u);
    low = min(low, values);
    high = max(high, values);
    if (isHistogram) {
      for (var c = 0u; c < ${channels}u; c++) { atomicAdd(&counts[256u * c + values[c]], 1u); }
    }
  }
  if (local < pixelCount) {
    for (var c = 0u; c < ${channels}u; c++) {
      atomicMin(&lowest[c], low[c]);
      atomicMax(&highest[c], high[c]);
    }
  }
}

fn addSegments(local : u32) {
  for (var i = local; i < ${SEGMENTS * channels}u; i += ${WORKGROUP}u) {
    var sum = 0u;
    for (var x = 0u; x < ${256 / SEGMENTS}u; x++) { sum += atomicLoad(&counts[${256 / SEGMENTS}u * i + x]); }
    sums[i] = sum;
  }
}

fn equalized(local : u32, pixelCount : u32) {
  for (var i = local; i < ${SEGMENTS * channels}u; i += ${WORKGROUP}u) {
    let c = i / ${SEGMENTS}u;
    let step = (pixelCount - atomicLoad(&counts[256u * c + atomicLoad(&highest[c])])) / 255u;
    var sum = step / 2u;
    for (var before = ${SEGMENTS}u * c; before < i; before++) { sum += sums[before]; }
    for (var x = ${256 / SEGMENTS}u * i; x < ${256 / SEGMENTS}u * (i + 1u); x++) {
      if (step == 0u) {
        lut[x] = x % 256u;
        continue;
      }
      if (x % 256u == 0u) { lut[x] = 0u; }
      sum += atomicLoad(&counts[x]);
      if (x % 256u < 255u) { lut[x + 1u] = min(255u, sum / step); }
    }
  }
}

fn looked(pixel : u32) -> u32 {
  var after = 0u;
  for (var c = 0u; c < ${channels}u; c++) { after |= lut[256u * c + channelOf(pixel, c)] << (8u * c); }
  return after;
}

fn main(thread : i32) {
  let local = u32(thread % ${WORKGROUP});
  let image = thread / ${WORKGROUP};
  // Workgroups too many go through the same barriers.
  let isReal = image < uniforms.count;
  let height = u32(uniforms.size.x);
  let width = u32(uniforms.size.y);
  let pixelCount = height * width;
  let grey = ${channels === 1 ? '128u' : '0x808080u'};
  if (isReal) {
    for (var p = local; p < pixelCount; p += ${WORKGROUP}u) {
      let byte = (u32(image) * pixelCount + p) * ${channels}u;
      var pixel = 0u;
      for (var c = 0u; c < ${channels}u; c++) {
        pixel |= ((u32(pixels[(byte + c) / 4u]) >> ((byte + c) % 4u * 8u)) & 255u) << (8u * c);
      }
      shown[p] = pixel;
    }
  }
  workgroupBarrier();
  for (var layer = 0; layer < uniforms.layers; layer++) {
    let at = select(0, (image * uniforms.layers + layer) * ${WORDS_PER_OP}, isReal);
    let word = u32(ops[at]);
    let argument = u32(ops[at + 1]);
    let code = select(${OP_CODES.none}u, word & 255u, isReal);
    let table = word >> 8u;
    let from_ = u32(layer & 1) * ${room}u;
    let to = ${room}u - from_;
    let isEqualize = code == ${OP_CODES.equalize}u;
    let isAutoContrast = code == ${OP_CODES.autoContrast}u;
    if (isEqualize || isAutoContrast) { clearCounts(local); }
    workgroupBarrier();
    if (isEqualize || isAutoContrast) { count(local, from_, pixelCount, isEqualize); }
    workgroupBarrier();
    if (isEqualize) { addSegments(local); }
    workgroupBarrier();
    if (isEqualize) { equalized(local, pixelCount); }
    if (isAutoContrast || code == ${OP_CODES.lookup}u) {
      for (var i = local; i < ${256 * channels}u; i += ${WORKGROUP}u) {
        let x = i % 256u;
        if (isAutoContrast) {
          lut[i] = stretched(x, atomicLoad(&lowest[i / 256u]), atomicLoad(&highest[i / 256u]));
        } else {
          lut[i] = (u32(tables[table + x / 4u]) >> (x % 4u * 8u)) & 255u;
        }
      }
    }
    workgroupBarrier();
    for (var p = local; p < pixelCount; p += ${WORKGROUP}u) {
      var pixel = shown[from_ + p];
      let y = p / width;
      let x = p % width;
      switch (code) {
        case ${OP_CODES.lookup}u, ${OP_CODES.autoContrast}u, ${OP_CODES.equalize}u: { pixel = looked(pixel); }
        case ${OP_CODES.move}u: {
          let source = (u32(tables[table + p / 2u]) >> (p % 2u * 16u)) & 0xffffu;
          if (source == ${NOWHERE}u) { pixel = grey; } else { pixel = shown[from_ + source]; }
        }
        case ${OP_CODES.erase}u: {
          let first = vec2<u32>(argument & 255u, (argument >> 16u) & 255u);
          let end = vec2<u32>((argument >> 8u) & 255u, argument >> 24u);
          let place = vec2<u32>(y, x);
          if (all(place >= first) && all(place < end)) { pixel = grey; }
        }
        case ${OP_CODES.color}u: {
          ${
            channels === 3
              ? `
          let own = greyOf(pixel);
          var after = 0u;
          for (var c = 0u; c < 3u; c++) { after |= blended(table, own, channelOf(pixel, c)) << (8u * c); }
          pixel = after;`
              : ''
          }
        }
        case ${OP_CODES.sharpness}u: {
          if (y > 0u && x > 0u && y + 1u < height && x + 1u < width) {
            var after = 0u;
            for (var c = 0u; c < ${channels}u; c++) {
              let smooth_ = smoothed(from_ + p, width, c);
              after |= blended(table, smooth_, channelOf(pixel, c)) << (8u * c);
            }
            pixel = after;
          }
        }
        default: {}
      }
      shown[to + p] = pixel;
    }
    workgroupBarrier();
  }
  if (isReal) {
    let last = u32(uniforms.layers & 1) * ${room}u;
    for (var p = local; p < pixelCount; p += ${WORKGROUP}u) {
      result[u32(image) * pixelCount + p] = i32(shown[last + p]);
    }
  }
}`

const ROUNDING = `
// To 24 bits, half to even, as float32 does. The lowest bit may stand for all that was cut off below it.
fn rounded(x : u32) -> u32 {
  let drop = u32(max(firstLeadingBit(x | 1u), 23u) - 23u);
  if (drop == 0u) { return x; }
  let unit = 1u << drop;
  let rest = x & (unit - 1u);
  let down = x - rest;
  let isUp = rest > unit / 2u || (rest == unit / 2u && (down & unit) != 0u);
  return select(down, down + unit, isUp);
}`

const GREY = `
// Of the bits of two float32 of at least 0, those of their sum.
fn added(a : u32, b : u32) -> u32 {
  let large = max(a, b);
  let small = min(a, b);
  if (small == 0u) { return large; }
  let apart = min((large >> 23u) - (small >> 23u), 31u);
  // 24 bits and seven for what falls below them.
  let shifted = ((small & 0x7fffffu) | 0x800000u) << 7u;
  let lost = select(0u, 1u, (shifted & ((1u << apart) - 1u)) != 0u);
  var sum = (((large & 0x7fffffu) | 0x800000u) << 7u) + ((shifted >> apart) | lost);
  var exponent = large >> 23u;
  if (sum >= 0x80000000u) {
    sum = (sum >> 1u) | (sum & 1u);
    exponent++;
  }
  return (exponent << 23u) + (rounded(sum) >> 7u) - 0x800000u;
}
fn greyOf(pixel : u32) -> u32 {
  var sum = 0u;
  for (var c = 0u; c < 3u; c++) {
    sum = added(sum, u32(tables[${HEADER.greyParts}u + 256u * c + ((pixel >> (8u * c)) & 255u)]));
  }
  if (sum == 0u) { return 0u; }
  // Times 255.5 = 511/2: 33 bits, of which two are cut off.
  let mantissa = (sum & 0x7fffffu) | 0x800000u;
  let lost = select(0u, 1u, (mantissa & 3u) != 0u);
  let product = (mantissa * 128u - (mantissa + 3u) / 4u) | lost;
  let places = 149u - (sum >> 23u);
  return select(0u, rounded(product) >> min(places, 31u), places < 32u);
}`

const BLEND = `
fn blended(table : u32, degenerate : u32, original : u32) -> u32 {
  let entry = tables[table + original + 255u - degenerate];
  let sum = i32(degenerate) + (entry >> 16u);
  if (sum < 0) { return 0u; }
  return u32(min(255, select(sum, sum + 1, sum >= (entry & 0xffff))));
}`

const SMOOTH = `
// A sum of products as a float32 has it: a whole part, and a fraction in units of 2^-27.
fn roundedSum(sum : vec2<u32>, whole : u32, fraction : u32) -> vec2<u32> {
  var parts = sum + vec2<u32>(whole, fraction);
  parts = vec2<u32>(parts.x + (parts.y >> 27u), parts.y & 0x7ffffffu);
  let top = select(firstLeadingBit(parts.y | 1u), 27u + firstLeadingBit(parts.x | 1u), parts.x > 0u);
  if (top <= 23u) { return parts; }
  let unit = 1u << (top - 23u);
  let rest = parts.y & (unit - 1u);
  var down = parts.y - rest;
  if (rest > unit / 2u || (rest == unit / 2u && (down & unit) != 0u)) { down += unit; }
  return vec2<u32>(parts.x + (down >> 27u), down & 0x7ffffffu);
}
// The nine, weighted 1 but 5 for the middle one, over 13, fraction dropped. Only where that leaves no remainder can the
// roundings of the reference's sum, row by row in fused multiply-adds, decide.
fn smoothed(at : u32, width : u32, c : u32) -> u32 {
  var sum = 4u * channelOf(shown[at], c);
  for (var dy = 0u; dy < 3u; dy++) {
    for (var dx = 0u; dx < 3u; dx++) { sum += channelOf(shown[at + dy * width + dx - width - 1u], c); }
  }
  if (sum % 13u != 0u) { return sum / 13u; }
  let edge = u32(tables[${HEADER.edge}]);
  let centre = u32(tables[${HEADER.centre}]);
  var parts = vec2<u32>(0u);
  for (var dy = 0u; dy < 3u; dy++) {
    for (var dx = 0u; dx < 3u; dx++) {
      let value = channelOf(shown[at + dy * width + dx - width - 1u], c);
      if (dy == 1u && dx == 1u) {
        let product = value * centre;
        parts = roundedSum(parts, product >> 25u, (product & 0x1ffffffu) << 2u);
      } else {
        let product = value * edge;
        parts = roundedSum(parts, product >> 27u, product & 0x7ffffffu);
      }
    }
  }
  return min(255u, parts.x);
}`

const STRETCH = `
// x - low, times 255/(high - low), as two float32 products and their difference.
fn stretched(x : u32, low : u32, high : u32) -> u32 {
  if (high <= low) { return x; }
  let scale = u32(tables[${HEADER.stretch}u + high - low]);
  let mantissa = scale & 0xffffffu;
  let above = rounded(x * mantissa);
  let below = rounded(low * mantissa);
  if (above <= below) { return 0u; }
  return min(255u, rounded(above - below) >> (scale >> 24u));
}`

export const webgpu: Kernels = { [AUGMENT_IMAGES]: webGpuKernel(augmentImages) }
