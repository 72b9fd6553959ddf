/**
 * What was measured on a plane stays known: by another grid on it, after Cancel, after a closed tab. A plane is named by
 * all that decides its values (the run's settings, weights, statistics, directions, images, device), a point by its
 * coordinates as the device gets them; four 32-bit floats a point, appended as they come.
 */
import { sha256 } from '../../../base/sha256'
import { FIELD_NAMES, fieldMeta } from '../../config/schema'
import type { MeasuredRun } from '../measures/measure'
import type { PointStore } from '../measures/pointStore'
import type { Point } from '../sweep'
import type { Plane } from './plane'

const NUMBERS = 4
const RECORD = 4 * NUMBERS
/** What a closed tab loses at most. */
const FLUSH_MS = 1500
const FLUSH_POINTS = 512

type Sums = readonly [loss: number, errors: number]

export class PlaneMemory {
  readonly #known: Map<string, Sums>
  #fresh: number[] = []
  #flushedAt = performance.now()

  private constructor(
    known: Map<string, Sums>,
    private readonly keep?: (bytes: Uint8Array) => void,
  ) {
    this.#known = known
  }

  /** @param images that the loss is measured on */
  static async open(
    store: PointStore | undefined,
    target: MeasuredRun,
    plane: Plane,
    images: number,
  ): Promise<PlaneMemory> {
    if (!store) return new PlaneMemory(new Map())
    const { key } = target
    const name = await planeName(store.device, target, plane, images)
    const bytes = await store.read(key, name).catch(() => undefined)
    // A write that was cut short leaves a part of a point.
    const whole = bytes?.subarray(0, bytes.length - (bytes.length % RECORD))
    if (whole && whole.length !== bytes?.length) store.put(key, name, whole.slice())
    return new PlaneMemory(recordsOf(whole), (more) => store.append(key, name, more))
  }

  /**
   * @param take is given the sums of loss and errors, at once where they are known
   * @returns what is still to be measured; undefined where it is known
   */
  point(
    at: readonly number[],
    measure: Point['measure'],
    take: (loss: number, errors: number) => void,
  ): Point | undefined {
    const place = placeOf(at[0], at[1] ?? 0)
    const known = this.#known.get(place)
    if (known) {
      take(known[0], known[1])
      return undefined
    }
    return {
      measure,
      store: ([loss, errors]) => {
        take(loss, errors)
        this.#known.set(place, [loss, errors])
        this.#fresh.push(at[0], at[1] ?? 0, loss, errors)
        const due = performance.now() - this.#flushedAt > FLUSH_MS
        if (due || this.#fresh.length >= NUMBERS * FLUSH_POINTS) this.flush()
      },
    }
  }

  /** Hands over what came since. */
  flush(): void {
    this.#flushedAt = performance.now()
    if (this.#fresh.length === 0) return
    const bytes = new Uint8Array(4 * this.#fresh.length)
    const view = new DataView(bytes.buffer)
    this.#fresh.forEach((value, i) => {
      view.setFloat32(4 * i, value, true)
    })
    this.#fresh = []
    this.keep?.(bytes)
  }
}

/** Coordinates as the device gets them. */
const placeOf = (x: number, y: number): string => `${Math.fround(x)} ${Math.fround(y)}`

function recordsOf(bytes: Uint8Array | undefined): Map<string, Sums> {
  const known = new Map<string, Sums>()
  if (!bytes) return known
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += RECORD) {
    const [x, y, loss, errors] = [0, 4, 8, 12].map((offset) => view.getFloat32(at + offset, true))
    known.set(placeOf(x, y), [loss, errors])
  }
  return known
}

/** 32 hexadecimal digits. */
async function planeName(
  device: string,
  { config, network, theta, batchStats }: MeasuredRun,
  { directions }: Plane,
  images: number,
): Promise<string> {
  const decisive = FIELD_NAMES.filter((name) => !fieldMeta(name).harmless).map((name) => config[name])
  const parts = [
    new TextEncoder().encode(JSON.stringify([device, network.name, images, decisive])),
    ...(await Promise.all([theta.data(), batchStats.data()])),
    ...directions.flatMap(({ vector, stats }) => (stats ? [vector, stats] : [vector])),
  ]
  const sums: string[] = []
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = part as Float32Array
    sums.push(await sha256(new Uint8Array(buffer, byteOffset, byteLength)))
  }
  return (await sha256(new TextEncoder().encode(sums.join()))).slice(0, 32)
}
