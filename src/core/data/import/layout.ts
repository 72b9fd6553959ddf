/** What a recognised archive promises: names, shapes, counts, and how each of its files is read. */
import { BasinError } from '../../../base/errors'
import type { Survey } from './survey'

export type SplitName = 'train' | 'test'

/** One labelled image. */
export interface Sample {
  split: SplitName
  /** Order of the files that samples come from; samples of one group keep theirs. */
  group: number
  label: number
  /** [height, width, channels] uint8; only valid until the next sample. */
  pixels: Uint8Array
  /** The picture file that is stored, or stays, in the pixels' place. */
  file?: Uint8Array
  /** Where that file lies. */
  path?: string
}

/** How one file is read. */
export type Take =
  | { kind: 'samples'; read(stream: ReadableStream<Uint8Array>): AsyncIterable<Sample> }
  | { kind: 'image'; split: SplitName; label: number }

export interface Layout {
  /** Of the data set; a person may change it for their own images. */
  name: string
  title: string
  height: number
  width: number
  channels: number
  classNames: readonly string[]
  /** Images that its files promise. */
  counts: Record<SplitName, number>
  /** Images come class by class. */
  scattered: boolean
  /** Whether they are pictures, to be decoded and resized to height × width. */
  pictures: boolean
  /** undefined: the file holds no images. */
  take(path: string): Take | undefined
  /** Files that look like data and are not taken, with the reason. */
  passedOver: { path: string; reason: string }[]
}

/** Of files that hold samples one after the other. */
export function sampleLayout<File extends { path: string }>(
  about: Pick<Layout, 'name' | 'title' | 'height' | 'width' | 'channels' | 'classNames' | 'counts'>,
  files: readonly File[],
  read: (stream: ReadableStream<Uint8Array>, file: File) => AsyncIterable<Sample>,
): Layout {
  const byPath = new Map(files.map((file) => [file.path, file]))
  return {
    ...about,
    scattered: false,
    pictures: false,
    passedOver: [],
    take(path) {
      const file = byPath.get(path)
      return file && { kind: 'samples', read: (stream) => read(stream, file) }
    },
  }
}

export interface LayoutOptions {
  /** CIFAR-100: the 100 fine classes, or the 20 coarse ones. */
  labels: 'fine' | 'coarse'
  /** Edge of the square that pictures are stored at; absent: 256 for the sets of photographs, else 64. */
  imageSize?: number
}

/** Recognises one kind of data set; undefined when it is another. @throws BasinError when it is broken */
export type Recogniser = (survey: Survey, options: LayoutOptions) => Layout | undefined

/** The name at a path's end. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Lines of a text file that say something. */
export function textLines(bytes: Uint8Array | undefined): string[] {
  if (!bytes) return []
  return new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function broken(rule: string, remedy = 'Get the archive again.'): BasinError {
  return new BasinError('data-damaged', rule, remedy)
}
