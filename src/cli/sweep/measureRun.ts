/** Measures of a run that has ended, into its folder and its record. */
import { recordedOf } from '../../core/landscape/measures/recorded'
import { RunDocument } from '../../core/library/document'
import type { FolderDataStore } from '../../platform/node/folderDataStore'
import { readStored } from '../data/datasets'
import { closeRuns, openRuns, readRuns } from '../runs/measuredRuns'
import { measureFiles } from '../runs/measureFiles'
import { settingsFrom } from '../terminal/settingOptions'
import type { SweepJob } from './job'
import { measureOf } from './sweepFile'

/** Those that have not been made yet. @returns whether all are there; false where it was told to stop */
export async function measureRun(
  files: FolderDataStore,
  wanted: SweepJob['measure'],
  device: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const [id, values] of Object.entries(wanted)) {
    if (await files.get(`measures/${id}.npz`)) continue
    const measure = measureOf(id)
    const settings = settingsFrom(measure.settings, values)
    const document = (await RunDocument.open(files, ''))!
    const runs = await readRuns([files.where('')], document.record.config)
    const opened = await openRuns(runs, (config) => readStored(config, signal))
    const { findings, cancelled } = await measure
      .compute({ runs: opened, settings, onProgress: () => {}, signal })
      .finally(() => closeRuns(opened))
    if (cancelled) return false
    const npz = measureFiles({ measure, settings, device, runs, findings, cancelled }).get(`${id}.npz`)
    document.saveMeasure(id, npz as Uint8Array)
    const measured = { ...document.record.measured, ...recordedOf(id, findings[0].values) }
    document.note({ measured })
    document.save()
    await document.close()
  }
  return true
}
