/**
 * What of a run goes to a worker that does not see its folder: the record, the curves and the newest checkpoint, as a
 * run's .zip, so that it is read through like any other before a file of it is written.
 */
import { zipSync } from 'fflate'
import { openRun } from '../../core/library/archive'
import { newestFirst } from '../../core/library/checkpoints'
import { FILES, readRecord } from '../../core/library/record'
import type { RunFiles } from '../../core/ports'

/**
 * Taken while the run goes on: each part is read after those that it must reach as far as, the record first.
 * @returns undefined where there is no checkpoint yet
 */
export async function packState(files: RunFiles): Promise<Uint8Array | undefined> {
  const record = await files.get(FILES.record)
  const [newest] = await newestFirst(files, '')
  const checkpoint = newest && (await files.get(newest))
  const metrics = await files.get(FILES.metrics)
  const config = await files.get(FILES.config)
  if (!record || !checkpoint || !metrics || !config) return undefined
  // A line may be half written.
  const whole = metrics.subarray(0, metrics.lastIndexOf(NEWLINE) + 1)
  const contents = {
    [FILES.record]: record,
    [FILES.config]: config,
    [FILES.metrics]: whole,
    [newest]: checkpoint,
  }
  return zipSync(contents, { level: 0 })
}

const NEWLINE = 10

/**
 * Puts a state that was sent into the run's folder, where the folder is not further itself.
 * @returns the step it stands at; undefined where nothing was taken of it
 * @throws BasinError `file-format` where it is damaged; nothing is written then
 */
export async function unpackState(files: RunFiles, state: Uint8Array): Promise<number | undefined> {
  const { record, contents } = openRun(state, 'the state that was sent')
  const bytes = await files.get(FILES.record)
  const own = bytes ? readRecord(bytes, files.where(FILES.record)).step : -1
  const hasCheckpoint = (await newestFirst(files, '')).length > 0
  if (hasCheckpoint && own >= record.step) return undefined
  // The record last: a folder without one is no run.
  for (const [name, content] of contents) if (name !== FILES.record) await files.put(name, content)
  await files.put(FILES.record, contents.get(FILES.record)!)
  return record.step
}
