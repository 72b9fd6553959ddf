/** The data sets of a session's runs: each that is asked for is loaded once, however many runs it has. */
import type { RunConfig } from '../config/schema'
import type { Dataset } from '../data/dataset'
import { type InputConfig, withInput } from '../data/inputShape'
import type { DataConfig } from '../data/loadDataset'
import type { RunSpec } from '../runs/runSpec'

const DATA_FIELDS = [
  'dataset',
  'num_train_examples',
  'label_noise',
  'run_seed',
  'use_test_set',
] as const satisfies readonly (keyof DataConfig)[]

const INPUT_FIELDS = [
  'model_name',
  'input_size',
  'from_pretrained_checkpoint',
] as const satisfies readonly (keyof InputConfig)[]

/**
 * @param load brings a config's images, as they are stored
 * @returns the data set of a run, with the shape that its network sees. Runs that share one get the same object.
 */
export async function loadDatasets(
  specs: readonly Pick<RunSpec, 'config'>[],
  load: (config: RunConfig) => Promise<Dataset>,
): Promise<(spec: Pick<RunSpec, 'config'>) => Dataset> {
  const stored = new Map<string, Dataset>()
  const seen = new Map<string, Dataset>()
  for (const { config } of specs) {
    const dataKey = keyOf(config, DATA_FIELDS)
    const dataset = stored.get(dataKey) ?? (await load(config))
    stored.set(dataKey, dataset)
    const key = seenKey(config)
    if (!seen.has(key)) seen.set(key, withInput(dataset, config))
  }
  return ({ config }) => seen.get(seenKey(config))!
}

const seenKey = (config: RunConfig) => keyOf(config, [...DATA_FIELDS, ...INPUT_FIELDS])
const keyOf = (config: RunConfig, fields: readonly (keyof RunConfig)[]) =>
  JSON.stringify(fields.map((name) => config[name]))
