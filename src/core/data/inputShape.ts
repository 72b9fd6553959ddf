/**
 * How large the images are that a network sees: as stored, unless the config or ImageNet's pipeline says otherwise.
 * Source: sam_jax/efficientnet/efficientnet.py (image sizes); sam_jax/train.py (fine-tuning resizes CIFAR to the network's
 * resolution).
 */

import { isPhotographs } from '../config/datasetNames'
import { EFFICIENTNET_SIDES } from '../config/models'
import type { RunConfig } from '../config/schema'
import type { Dataset } from './dataset'

export type InputConfig = Pick<RunConfig, 'model_name' | 'input_size' | 'from_pretrained_checkpoint'>

/** What ImageNet networks without a size of their own are given. */
const IMAGENET_SIDE = 224

/** The same data set with the shape that the network sees, and its stored shape beside it. */
export function withInput(dataset: Dataset, config: InputConfig): Dataset {
  const side = inputSide(dataset, config)
  if (side === undefined) return dataset
  const { height, width } = dataset
  const pipeline = arePhotographs(dataset) ? 'imagenet' : 'small'
  return { ...dataset, height: side, width: side, stored: { height, width }, pipeline }
}

/** Side of the square that images are brought to; undefined where they stay as stored. */
export function inputSide(
  dataset: { name: string; channels: number },
  { input_size, model_name, from_pretrained_checkpoint: fineTuned }: InputConfig,
): number | undefined {
  if (input_size !== null) return input_size
  const ownSide = arePhotographs(dataset) || (fineTuned && model_name in EFFICIENTNET_SIDES)
  return ownSide ? networkSide(model_name) : undefined
}

const arePhotographs = ({ name, channels }: { name: string; channels: number }) =>
  isPhotographs(name) && channels === 3

/** Side of the images a network was made for. */
export function networkSide(model: string): number {
  return EFFICIENTNET_SIDES[model as keyof typeof EFFICIENTNET_SIDES] ?? IMAGENET_SIDE
}
