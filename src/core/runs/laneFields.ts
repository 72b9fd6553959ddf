/** The settings that decide what a run sees: where they are the same, so are initial weights, batches and gates. */
import { FIELD_NAMES, type FieldName, fieldMeta } from '../config/schema'

/** Beside the groups `data` and `network`. */
const SHARED: readonly FieldName[] = [
  'dataset',
  'model_name',
  'batch_size',
  'label_noise',
  'num_train_examples',
  'run_seed',
  'use_test_set',
]

export const LANE_FIELDS: readonly FieldName[] = FIELD_NAMES.filter(
  (name) => SHARED.includes(name) || ['data', 'network'].includes(fieldMeta(name).group),
)
