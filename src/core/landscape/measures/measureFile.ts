/** What a measure found, in one file: all its arrays as .npz, with what they were computed with. */
import type { RunConfig } from '../../config/schema'
import { encodeNpz } from '../../formats/npz'
import type { RunKey } from '../../runs/metrics'
import type { Finding, Measure } from './measure'
import { arraysOf } from './tables'

/** The array of an .npz that holds the rest, JSON in UTF-8, as in weight files. */
const METADATA = 'metadata.json'

export interface MeasureContents {
  measure: Measure
  settings: Record<string, unknown>
  device: string
  /** What is known of each run that was looked at. */
  runs: readonly { key: RunKey; step: number; run_config: RunConfig; [more: string]: unknown }[]
  findings: readonly Finding[]
  cancelled: boolean
}

export function encodeMeasure({
  measure,
  settings,
  device,
  runs,
  findings,
  cancelled,
}: MeasureContents): Uint8Array {
  const metadata = {
    producer: 'basin',
    measure: measure.id,
    about: measure.about,
    settings,
    device,
    ...(cancelled && { cancelled }),
    yields: measure.yields,
    runs,
  }
  const data = new TextEncoder().encode(JSON.stringify(metadata))
  return encodeNpz(arraysOf(measure, findings).set(METADATA, { shape: [data.length], data }))
}
