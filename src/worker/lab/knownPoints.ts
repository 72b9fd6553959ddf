/** Points of planes that were measured: in the folders of kept runs, of others as long as their session. */
import { concat } from '../../base/concat'
import type { PointStore } from '../../core/landscape/measures/pointStore'
import type { RunDocument } from '../../core/library/document'
import { FILES } from '../../core/library/record'
import type { RunKey } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'

/** Of runs that are not kept. */
const held = new WeakMap<Session, Map<string, Uint8Array>>()

export function knownPoints(
  session: Session,
  device: string,
  documentOf: (run: RunKey) => RunDocument | undefined,
): PointStore {
  const own = held.get(session) ?? new Map<string, Uint8Array>()
  held.set(session, own)
  const nameOf = (plane: string) => `${FILES.points}${plane}.bin`
  return {
    device,
    async read(run, plane) {
      const document = documentOf(run)
      if (!document) return own.get(`${run} ${plane}`)
      await document.written().catch(() => {})
      return document.files.get(document.folder + nameOf(plane))
    },
    append(run, plane, bytes) {
      const document = documentOf(run)
      const name = `${run} ${plane}`
      if (document) document.append(nameOf(plane), bytes)
      else own.set(name, concat([own.get(name) ?? new Uint8Array(), bytes]))
    },
    put(run, plane, bytes) {
      documentOf(run)?.replace(nameOf(plane), bytes)
    },
  }
}
