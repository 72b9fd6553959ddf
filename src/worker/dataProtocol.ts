/**
 * The contract between page and data worker: what is stored, imports, previews. Plain structured-cloneable data; errors
 * arrive inside `Reply`. Beside the training worker, so that a run goes on while a set is imported.
 */

import type { Reply } from '../base/reply'
import type { RunConfig } from '../core/config/schema'
import type { DamagedDataset, Verification } from '../core/data/library'

export { KNOWN_DATASETS, type KnownDataset, knownDataset } from '../core/data/catalog/catalog'
export type { DamagedDataset, Verification }

/** One data set that is here. */
export interface DatasetEntry {
  name: string
  title: string
  height: number
  width: number
  channels: number
  classNames: string[]
  numTrain: number
  numTest: number
  /** Images of each class; absent where nobody counted. */
  classCounts?: { train: number[]; test: number[] }
  /** In this browser's storage. */
  bytes: number
  /** It came with Basin, and cannot be deleted. */
  bundled: boolean
  origin: string[]
  importedAt?: string
  verification: Verification
  note: string
  licence: string
  citation: string
  source: string
  skipped: { path: string; reason: string }[]
  numSkipped: number
}

/** What is here. */
export interface DatasetList {
  datasets: DatasetEntry[]
  /** Their records cannot be read: they can only be deleted. */
  damaged: DamagedDataset[]
}

/** A file of the page with its path below what was dropped. */
export interface PickedFile {
  path: string
  file: File
}

export interface ImportSettings {
  /** Empty: the recognised name. */
  name: string
  /** Absent: what suits the set. */
  imageSize?: number
  labels: 'fine' | 'coarse'
  /** How pictures are stored; absent: what suits the set's size. */
  encoding?: 'raw' | 'jpeg'
}

/** What an import would do; nothing is written before the person says so. */
export interface ImportPreview {
  name: string
  title: string
  numTrain: number
  numTest: number
  numClasses: number
  /** Of the shards to be written. */
  bytes: number
  /** How images are stored: JPEGs where pixels would take too much. */
  encoding: 'raw' | 'jpeg'
  /** Pictures are decoded and resized; the others keep their pixels. */
  pictures: boolean
  height: number
  width: number
  verification: Verification
  note: string
  numSkipped: number
  /** A set of this name is here and would be replaced. */
  replaces: boolean
  /** The settings that were recognised with. */
  settings: ImportSettings
}

export interface ImportStatus {
  phase: 'checking' | 'waiting' | 'importing'
  bytesDone: number
  bytesTotal: number
  imagesDone: number
  imagesTotal: number
  bytesPerSecond: number
  secondsLeft: number | undefined
}

/** Which images a page of the preview shows. */
export interface PreviewRequest {
  name: string
  /** `run`: the training images of the run the form describes, with its label noise. */
  view: 'train' | 'test' | 'run'
  /** Of the class, by the label trained on; undefined: all. */
  label?: number
  offset: number
  count: number
  config: RunConfig
}

/** [height, width, 4] for a canvas. */
export interface PreviewImage {
  rgba: Uint8ClampedArray<ArrayBuffer>
  label: number
  /** What the label was before the noise, where that changed it. */
  trueLabel?: number
}

export interface PreviewPage {
  height: number
  width: number
  images: PreviewImage[]
  /** How many there are in all, of this class. */
  total: number
  offset: number
}

/** The same image under one augmentation, as a training batch has it. */
export interface AugmentedRow {
  field: 'image_level_augmentations' | 'batch_level_augmentations'
  setting: string
  /** Of what the network sees, which may be larger or smaller than what is stored. */
  height: number
  width: number
  images: Uint8ClampedArray<ArrayBuffer>[]
}

export interface DataApi {
  /** @param datasetsUrl absolute address of the bundled sets, with a slash at its end */
  init(datasetsUrl: string): Promise<Reply>
  list(): Promise<Reply<DatasetList>>
  /** Looks at the files; they stay picked until the next call. */
  examine(
    files: PickedFile[],
    settings: ImportSettings,
    onStatus: (status: ImportStatus) => void,
  ): Promise<Reply<ImportPreview>>
  /** The same files under other settings. */
  reconsider(settings: ImportSettings): Promise<Reply<ImportPreview>>
  /** Imports what was examined. @returns the set's name */
  importPicked(settings: ImportSettings, onStatus: (status: ImportStatus) => void): Promise<Reply<string>>
  /** Ends an examination or an import. @returns whether what was examined stays picked */
  cancel(): Promise<Reply<boolean>>
  remove(name: string): Promise<Reply>
  preview(request: PreviewRequest): Promise<Reply<PreviewPage>>
  /** Of the image that the last page showed at this place. */
  augmented(place: number, config: RunConfig): Promise<Reply<AugmentedRow[]>>
}
