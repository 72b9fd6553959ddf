/** What has been measured of the runs that stand here: told again when they are opened, packed when it is asked for. */
import { BasinError } from '../../base/errors'
import { MEASURES, type MeasureId } from '../../core/landscape/measures'
import {
  decodeMeasure,
  encodeMeasure,
  type MeasureContents,
  type StoredMeasure,
} from '../../core/landscape/measures/measureFile'
import type { RunDocument } from '../../core/library/document'
import type { RunKey } from '../../core/runs/metrics'
import type { MeasureFile, WeightDownload } from '../protocol'
import type { EventPacer } from './eventPacer'
import { storedMeasures } from './storedMeasures'
import { unfinishedOf } from './unfinished'

export class FoundMeasures {
  readonly #contents = new Map<MeasureId, MeasureContents>()

  constructor(private readonly out: EventPacer) {}

  /** The newest of its kind. */
  take(contents: MeasureContents): void {
    const id = idOf(contents.measure.id)
    if (id) this.#contents.set(id, contents)
  }

  forget(): void {
    this.#contents.clear()
  }

  /** Tells what was measured of these runs as they are now, and what of it was cut off. Without it all is as it was, so nothing here fails. */
  async restore(documents: ReadonlyMap<RunKey, RunDocument>): Promise<void> {
    const note = (message: string) => this.out.send({ type: 'hint', key: 'stored-measures', message })
    for (const { id: name, about, yields, ...stored } of await storedMeasures(documents, note)) {
      const id = idOf(name)
      if (!id) continue
      this.#contents.set(id, { ...stored, measure: { id, about, yields } })
      const step = Math.max(...stored.runs.map((run) => run.step))
      this.out.send({ type: 'found', id, findings: [...stored.findings], step })
    }
    const unfinished = unfinishedOf(documents)
    if (unfinished) this.out.send({ type: 'unfinished', measure: unfinished })
  }

  /** @throws BasinError `unsupported` where nothing of it is here */
  pack(id: MeasureId): WeightDownload {
    const contents = this.#contents.get(id)
    if (contents) return { filename: `${id}.npz`, bytes: encodeMeasure(contents) }
    throw new BasinError('unsupported', `${id}: something computed, got nothing`, 'Compute it first.')
  }
}

/** @throws BasinError `file-format`, `unsupported` where it is of a measure that there is not */
export function readMeasureFile(filename: string, bytes: Uint8Array): MeasureFile {
  const stored: StoredMeasure = decodeMeasure(bytes, filename)
  const id = idOf(stored.id)
  if (id) return { ...stored, id }
  const known = MEASURES.map((one) => one.id).join(', ')
  throw new BasinError('unsupported', `${filename}: a measure of ${known}, got ${stored.id}`)
}

const idOf = (name: string): MeasureId | undefined => MEASURES.find(({ id }) => id === name)?.id
