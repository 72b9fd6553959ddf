/** What one field's range cannot say: settings that contradict each other, and whether two configs are one run. */
import { methodProblems } from '../optim/methods'
import { hasNorms } from './models'
import { readRuns } from './runList'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from './schema'

/** Sentences on what must be changed before such a run can start; empty when it can. */
export function checkConfig(config: RunConfig): string[] {
  const reading = readRuns(config.runs)
  if (!reading.ok) return [reading.message]
  return [...new Set(reading.runs.flatMap(({ changes }) => checkRun({ ...config, ...changes })))]
}

function checkRun(config: RunConfig): string[] {
  const problems: string[] = []
  const { batch_size, num_train_examples, num_epochs, additional_checkpoints_at_epochs } = config
  const { batch_level_augmentations, cutout_length } = config
  if (num_train_examples !== null && batch_size > num_train_examples && !config.full_batch) {
    problems.push(
      `batch_size: at most num_train_examples (${num_train_examples}), got ${batch_size}. ` +
        'Use a smaller batch or more training images.',
    )
  }
  const { num_replicas, inner_group_size } = config
  if (config.full_batch && num_replicas > 1) {
    problems.push(
      `num_replicas: only 1 with full_batch, got ${num_replicas}. A full-batch step goes batch by batch already.`,
    )
  }
  if (batch_size % num_replicas !== 0) {
    problems.push(
      `num_replicas: a divisor of batch_size (${batch_size}), got ${num_replicas}. ` +
        'All replicas take equally many images.',
    )
  }
  if (inner_group_size !== null && num_replicas % inner_group_size !== 0) {
    problems.push(
      `inner_group_size: a divisor of num_replicas (${num_replicas}), got ${inner_group_size}. ` +
        'Leave it empty to share one perturbation among all.',
    )
  }
  const cuts = batch_level_augmentations === 'cutout' || batch_level_augmentations === 'mixcut'
  if (cuts && cutout_length < 2) {
    problems.push(
      `cutout_length: at least 2 with batch_level_augmentations=${batch_level_augmentations}, got ${cutout_length}. ` +
        'A smaller square is empty: cutout takes twice the half of it, rounded down.',
    )
  }
  problems.push(...methodProblems(config, { name: config.model_name, hasNorms: hasNorms(config.model_name) }))
  const late = additional_checkpoints_at_epochs.find((epoch) => epoch >= num_epochs)
  if (late !== undefined) {
    problems.push(
      `additional_checkpoints_at_epochs: below num_epochs (${num_epochs}), got ${late}. ` +
        'Epochs are counted from 0.',
    )
  }
  if (!config.from_pretrained_checkpoint) {
    const path = (['efficientnet_checkpoint_path', 'pretrained_path'] as const).find((name) => config[name])
    if (path)
      problems.push(`${path}: only with from_pretrained_checkpoint. Turn that on, or leave the path out.`)
  }
  return problems
}

/** The fields that make two configs give other numbers; where files go and what is measured beside does not count. */
export function differingFields(a: RunConfig, b: RunConfig): FieldName[] {
  return FIELD_NAMES.filter(
    (name) => !fieldMeta(name).harmless && JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  )
}
