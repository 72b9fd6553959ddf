/**
 * What a picture's first bytes say: its format and size, before anything is decoded. A file that claims more pixels
 * than any photograph is not given the memory.
 * Source: JPEG ITU T.81 annex B; PNG §5.6; WebP container; GIF89a §18; BMP BITMAPINFOHEADER.
 */
export type ImageKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp'

export interface ImageHeader {
  kind: ImageKind
  width: number
  height: number
  /** Of a JPEG: 1 grey, 3 colours, 4 CMYK. */
  components?: number
}

/** @returns undefined when the bytes are no picture of these formats, or end before their size is told */
export function imageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length))
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpeg(bytes, view)
  if (bytes.length < 30) return undefined
  if (text(1, 3) === 'PNG' && bytes[0] === 0x89) return sized('png', view.getUint32(16), view.getUint32(20))
  if (text(0, 4) === 'GIF8') return sized('gif', view.getUint16(6, true), view.getUint16(8, true))
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return webp(text(12, 4), bytes, view)
  if (text(0, 2) === 'BM') return sized('bmp', view.getInt32(18, true), Math.abs(view.getInt32(22, true)))
  return undefined
}

function sized(kind: ImageKind, width: number, height: number): ImageHeader | undefined {
  return width > 0 && height > 0 ? { kind, width, height } : undefined
}

/** Segments up to the frame header, which has the size. */
function jpeg(bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  for (const { marker, start, end } of jpegSegments(bytes)) {
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (!isFrame) continue
    if (end - start < 6) return undefined
    const size = sized('jpeg', view.getUint16(start + 3), view.getUint16(start + 1))
    return size && { ...size, components: bytes[start + 5] }
  }
  return undefined
}

function* jpegSegments(bytes: Uint8Array): Generator<{ marker: number; start: number; end: number }> {
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]
    if (marker === 0xff) {
      at++
      continue
    }
    const length = bytes[at + 2] * 256 + bytes[at + 3]
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) return
    yield { marker, start: at + 4, end }
    // What follows a start of scan is no segment.
    if (marker === 0xda) return
    at = end
  }
}

/**
 * Whether a JPEG has its end mark. Decoders disagree on one that ends early: some refuse it, some paint the rest grey;
 * the reference's refuses it.
 */
export function endsWhole(bytes: Uint8Array): boolean {
  let scan = 0
  for (const { marker, end } of jpegSegments(bytes)) if (marker === 0xda) scan = end
  // Within a scan 0xff is followed by 0 or by a restart mark, so that this can only be the mark.
  for (let at = bytes.length - 2; at >= scan; at--)
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true
  return false
}

function webp(chunk: string, bytes: Uint8Array, view: DataView): ImageHeader | undefined {
  const u24 = (at: number) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
  if (chunk === 'VP8 ')
    return sized('webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff)
  if (chunk === 'VP8X') return sized('webp', u24(24) + 1, u24(27) + 1)
  if (chunk !== 'VP8L') return undefined
  const bits = view.getUint32(21, true)
  return sized('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
}

/**
 * The same JPEG without its EXIF, which browsers would rotate it by; the reference's decoder does not.
 * The segment stays and loses its name, so that nothing moves.
 */
export function withoutExif(bytes: Uint8Array): Uint8Array {
  for (const { marker, start, end } of jpegSegments(bytes)) {
    if (marker !== 0xe1 || end - start < 6) continue
    if (String.fromCharCode(...bytes.subarray(start, start + 4)) !== 'Exif') continue
    const copy = bytes.slice()
    copy.fill(0x78, start, start + 4)
    return withoutExif(copy)
  }
  return bytes
}
