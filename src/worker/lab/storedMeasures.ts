/** What was measured of kept runs before: read when they are opened, as far as it is of the weights that they have now. */
import { toPlain } from '../../base/errors'
import { findingKey } from '../../core/landscape/measures/measure'
import { decodeMeasure, type StoredMeasure } from '../../core/landscape/measures/measureFile'
import type { RunDocument } from '../../core/library/document'
import { FILES } from '../../core/library/record'
import type { RunKey } from '../../core/runs/metrics'

/**
 * One for each measure, with what was found of all these runs, by the keys that they have here.
 * @param documents by those keys
 * @param note is told of files that cannot be read
 */
export async function storedMeasures(
  documents: ReadonlyMap<RunKey, RunDocument>,
  note: (line: string) => void,
): Promise<StoredMeasure[]> {
  const all = new Map<string, StoredMeasure>()
  for (const [key, document] of documents) {
    for (const measure of await measuresOf(document, note)) {
      const renamed = inSession(measure, key, document, documents)
      if (renamed) all.set(measure.id, joined(all.get(measure.id), renamed))
    }
  }
  return [...all.values()]
}

async function measuresOf(
  { files, folder }: RunDocument,
  note: (line: string) => void,
): Promise<StoredMeasure[]> {
  const found: StoredMeasure[] = []
  for (const name of await files.keys(folder + FILES.measures)) {
    try {
      const bytes = name.endsWith('.npz') ? await files.get(name) : undefined
      if (bytes) found.push(decodeMeasure(bytes, files.where(name)))
    } catch (error) {
      note(`What was measured before cannot be shown: ${toPlain(error).message}.`)
    }
  }
  return found
}

/** The findings of a run's file by the keys of the session, of others of it only where they were trained together. */
function inSession(
  measure: StoredMeasure,
  key: RunKey,
  { record }: RunDocument,
  documents: ReadonlyMap<RunKey, RunDocument>,
): StoredMeasure | undefined {
  const alone = measure.runs.length === 1
  const names = new Map<RunKey, RunKey>()
  for (const { key: before, step } of measure.runs) {
    const [now] = alone
      ? [key]
      : [...documents].flatMap(([other, document]) =>
          document.record.experiment === record.experiment && document.record.key === before ? [other] : [],
        )
    if (now !== undefined && documents.get(now)?.record.step === step) names.set(before, now)
  }
  const findings = measure.findings.filter(
    ({ runs }) =>
      runs.every((before) => names.has(before)) && runs.some((before) => names.get(before) === key),
  )
  if (findings.length === 0) return undefined
  return {
    ...measure,
    findings: findings.map((finding) => ({ ...finding, runs: finding.runs.map((one) => names.get(one)!) })),
    runs: measure.runs.flatMap((run) => {
      const now = names.get(run.key)
      return now === undefined ? [] : [{ ...run, key: now }]
    }),
  }
}

/** The same finding may lie in the folders of several runs. */
function joined(before: StoredMeasure | undefined, measure: StoredMeasure): StoredMeasure {
  if (!before) return measure
  const known = new Set(before.findings.map(findingKey))
  const keys = new Set(before.runs.map((run) => run.key))
  return {
    ...measure,
    cancelled: before.cancelled || measure.cancelled,
    findings: [...before.findings, ...measure.findings.filter((finding) => !known.has(findingKey(finding)))],
    runs: [...before.runs, ...measure.runs.filter((run) => !keys.has(run.key))],
  }
}
