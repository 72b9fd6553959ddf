/** Labels as they were before the noise: the draw of `withLabelNoise` is made again and taken back. */
import type { Dataset } from '../dataset'
import { type Labels, labelArray } from '../labels'
import { withLabelNoise } from './labelNoise'

/** @param share of the labels that were replaced @param seed of that draw */
export function cleanLabels(
  { train, classNames }: Pick<Dataset, 'train' | 'classNames'>,
  share: number,
  seed: number,
): Labels {
  const classes = classNames.length
  const zeros = labelArray(train.labels.length, classes)
  const { labels: shifts } = withLabelNoise(zeros, share, classes, seed)
  return train.labels.map((label, i) => (label - shifts[i] + classes) % classes)
}
