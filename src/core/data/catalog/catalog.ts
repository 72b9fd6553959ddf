/**
 * What is known of the data sets before any of their bytes is here: official archives with their sums, sizes, class
 * names, normalisation, terms. Mean and std are the reference's (goldens weak_cutout_mixup_preprocess.json and
 * imagenet_preprocess.json); sums and sizes are collected from published loaders.
 *
 * Differs: the reference names six fine-tuning sets it cannot load; they are normalised with ImageNet's values here.
 */
import catalog from '../catalog.json'

export interface KnownArchive {
  file: string
  /** Where they are known. */
  bytes?: number
  sha256?: string
  md5?: string
  /** A plain GET of it works from Node. */
  url?: string
}

export interface KnownDataset {
  name: string
  title: string
  /** Which files to take, in words. */
  files: string
  /** Where they are found. */
  home: string
  licence: string
  citation: string
  archives: readonly KnownArchive[]
  /** Per channel, in units of pixel/255. */
  mean: readonly number[]
  std: readonly number[]
  /** Official sizes, for the form before the set is here. */
  numTrain: number
  numTest: number
  numClasses: number
  classNames?: readonly string[]
}

/** Fashion-MNIST's sums are of its unpacked files: copies of the .gz differ in their headers. */
export const KNOWN_DATASETS: readonly KnownDataset[] = catalog

export function knownDataset(name: string): KnownDataset | undefined {
  return KNOWN_DATASETS.find((known) => known.name === name)
}
