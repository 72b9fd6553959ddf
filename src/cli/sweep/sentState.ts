/**
 * What of a run goes to a worker that does not see its folder: the record, the curves and the newest checkpoint, as a
 * run's .zip, so that it is read through like any other before a file of it is written.
 */
import { zipSync } from 'fflate'
import { openRun } from '../../core/library/archive'
import { newestFirst } from '../../core/library/checkpoints'
import { FILES, readRecord } from '../../core/library/record'
import type { RunFiles } from '../../core/ports'

export async function packState(files: RunFiles): Promise<Uint8Array | undefined> {
  const [newest] = await newestFirst(files, '')
  if (!newest) return undefined
  const contents: Record<string, Uint8Array> = {}
  for (const key of [FILES.record, FILES.config, FILES.metrics, newest]) {
    const bytes = await files.get(key)
    if (bytes) contents[key] = bytes
  }
  return zipSync(contents, { level: 0 })
}

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
  for (const [name, content] of contents) if (name !== FILES.record) await files.put(name, content)
  await files.put(FILES.record, contents.get(FILES.record)!)
  return record.step
}
