/** A canvas as a film, frame by frame: recording stands still while one is drawn, so that a slow machine has them all. */
import { BasinError } from '../../../base/errors'

export interface FilmOptions {
  width: number
  height: number
  seconds: number
  /** @param share of the film, from 0 to 1 */
  draw(context: CanvasRenderingContext2D, share: number): void
  onProgress(share: number): void
  signal: AbortSignal
}

const FRAMES_PER_SECOND = 24
/** Twice the size of the page's pixels, and what that needs. */
const SCALE = 2
const BITS_PER_SECOND = 12_000_000

/** In the order in which they are wanted. Safari records MP4 alone. */
const TYPES = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4']

/** undefined where the browser records no canvas. */
export function filmType(): string | undefined {
  if (typeof MediaRecorder === 'undefined' || !('captureStream' in HTMLCanvasElement.prototype))
    return undefined
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type))
}

/** @throws BasinError `unsupported` where the browser cannot, `cancelled` */
export async function recordFilm(options: FilmOptions): Promise<Blob> {
  const { width, height, seconds, draw, onProgress, signal } = options
  const type = filmType()
  if (!type) {
    throw new BasinError(
      'unsupported',
      'turntable: a browser that records a canvas as WebM, got one that does not',
      'Save it in Chrome, Edge or Firefox; the picture can be saved here.',
    )
  }
  const canvas = document.createElement('canvas')
  // Codecs want even sides.
  canvas.width = 2 * Math.round((width * SCALE) / 2)
  canvas.height = 2 * Math.round((height * SCALE) / 2)
  const context = canvas.getContext('2d')!
  context.scale(SCALE, SCALE)
  draw(context, 0)
  const stream = canvas.captureStream(FRAMES_PER_SECOND)
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_PER_SECOND })
  const parts: Blob[] = []
  recorder.ondataavailable = ({ data }) => parts.push(data)
  const failed = new Promise<never>((_, reject) => {
    recorder.onerror = () =>
      reject(new BasinError('unsupported', 'turntable: a film, got an error of the encoder'))
  })
  const stopped = new Promise<void>((resolve) => {
    recorder.onstop = () => resolve()
  })
  const frames = seconds * FRAMES_PER_SECOND
  const pause = (ms: number) => Promise.race([failed, new Promise((next) => setTimeout(next, ms))])
  recorder.start()
  try {
    for (let k = 0; k < frames; k++) {
      if (signal.aborted) throw new BasinError('cancelled', 'turntable: given up')
      recorder.pause()
      draw(context, k / frames)
      onProgress(k / frames)
      recorder.resume()
      await pause(1000 / FRAMES_PER_SECOND)
    }
  } finally {
    if (recorder.state !== 'inactive') recorder.stop()
    for (const track of stream.getTracks()) track.stop()
  }
  await Promise.race([failed, stopped])
  return new Blob(parts, { type: type.split(';')[0] })
}
