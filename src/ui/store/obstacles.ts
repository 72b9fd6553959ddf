/** What forbids starting, in words: fields out of range, settings that contradict each other. */
import { type FieldName, fieldMeta } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import { useLab } from './labStore'

export function obstacles(): string[] {
  const { invalid, config } = useLab.getState()
  const fields = Object.entries(invalid).map(
    ([name, message]) => `${fieldMeta(name as FieldName).label}: ${message}.`,
  )
  return [...fields, ...checkConfig(config)]
}
