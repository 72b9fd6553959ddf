/** Where points of planes are kept between two measures (planes/memory.ts). */
import type { RunKey } from '../../runs/metrics'

/** Where points are kept, by run and plane. */
export interface PointStore {
  /** Values of other devices are others. */
  device: string
  read(run: RunKey, plane: string): Promise<Uint8Array | undefined>
  /** Written behind; a failure is told elsewhere. */
  append(run: RunKey, plane: string, bytes: Uint8Array): void
  /** In the place of what was there. */
  put(run: RunKey, plane: string, bytes: Uint8Array): void
}
