/** What is asked of a measure, and whether it can do that. */
import { BasinError } from '../../../base/errors'
import type { RunKey } from '../../runs/metrics'
import { z } from '../../zod'
import type { MeasureId, MeasureRequest, MeasureSettings } from './index'
import type { MeasureInfo } from './info'
import type { Measure } from './measure'

/** A request with the settings that are this measure's among all. */
export function requestOf<Id extends MeasureId>(
  { id, settings }: Pick<MeasureInfo, 'settings'> & { id: Id },
  all: MeasureSettings,
  runs?: readonly RunKey[],
): MeasureRequest<Id> {
  const own = Object.fromEntries(settings.map((name) => [name, all[name as keyof MeasureSettings]]))
  return { id, settings: own, ...(runs && { runs }) } as unknown as MeasureRequest<Id>
}

/** @throws BasinError `config` naming the first setting that is missing, unknown or out of its range */
export function checkedSettings(
  { id, settings }: Pick<Measure, 'id' | 'settings'>,
  given: unknown,
): Record<string, unknown> {
  const parsed = z.strictObject(settings).safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = [id, ...issue.path].join(': ')
  throw new BasinError('config', `${where}: ${issue.message}`, 'Correct the setting.')
}

/**
 * Keys of the runs that a measure looks at.
 * @param keys of the runs there are, in their order
 * @param wanted absent: all; of a pair the first and the last
 * @throws BasinError `unsupported` where they are too few, or none of these
 */
export function chosenRuns(
  { id, runs }: Pick<Measure, 'id' | 'runs'>,
  keys: readonly RunKey[],
  wanted?: readonly RunKey[],
): readonly RunKey[] {
  const strange = wanted?.find((key) => !keys.includes(key))
  if (strange !== undefined) {
    throw new BasinError('unsupported', `${id}: runs among ${keys.join(', ')}, got ${strange}`)
  }
  const chosen = new Set(wanted ?? (runs === 'pair' ? [keys[0], keys[keys.length - 1]] : keys))
  if (runs === 'pair' && chosen.size !== 2) {
    throw new BasinError(
      'unsupported',
      `${id}: needs two runs, got ${chosen.size === 1 ? 'one' : chosen.size}`,
      'Add a second run.',
    )
  }
  if (chosen.size === 0) throw new BasinError('unsupported', `${id}: needs a run, got none`)
  return [...chosen]
}
