/** What forbids starting, in words: fields out of range, settings that contradict each other, what the device cannot hold. */
import { type FieldName, fieldMeta } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import { useLab } from './labStore'

export function obstacles(): string[] {
  const { invalid, config, plan } = useLab.getState()
  const fields = Object.entries(invalid).map(
    ([name, message]) => `${fieldMeta(name as FieldName).label}: ${message}.`,
  )
  const tooLarge = plan?.problem ? [`${plan.problem.message}. ${plan.problem.remedy}`] : []
  return [...fields, ...checkConfig(config), ...tooLarge]
}
