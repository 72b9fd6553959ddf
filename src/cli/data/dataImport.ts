/** Imports paths from the command line, with a line of progress. */
import { stat } from 'node:fs/promises'
import { SingleBar } from 'cli-progress'
import { BasinError } from '../../base/errors'
import { bytesText } from '../../base/units'
import { planImport } from '../../core/data/import/importPlan'
import { PICTURE } from '../../core/data/import/pictures'
import { type ImportProgress, runImport } from '../../core/data/import/runImport'
import { type Survey, surveyInputs } from '../../core/data/import/survey'
import { type StoredDataset, storedBytes } from '../../core/data/library'
import type { InputFile } from '../../core/ports'
import { withFolderLock } from '../../platform/node/folderLock'
import { inputFiles } from '../../platform/node/inputFiles'
import { encoder, type InPlace, NodeLibrary, openDecoder, readInPlace } from './datasets'

export interface ImportSettings {
  name: string | undefined
  imageSize: number | undefined
  labels: 'fine' | 'coarse'
  /** How pictures are stored; undefined: what suits the set's size. */
  encoding: 'raw' | 'jpeg' | undefined
  /** Shards for a folder too. */
  copy: boolean
  /** Whether to go on with what is not the official archive. */
  confirm(note: string): Promise<boolean>
  note(line: string): void
}

/** @throws BasinError as planImport and runImport do; `cancelled` when the person says no */
export async function importPaths(
  paths: readonly string[],
  settings: ImportSettings,
  signal?: AbortSignal,
): Promise<void> {
  const { name, imageSize, labels, encoding, copy, confirm, note } = settings
  const library = new NodeLibrary()
  const inputs = await inputFiles(paths)
  const looking = new Bar(process.stderr, 'MiB looked at')
  const survey = await surveyInputs(
    inputs,
    ({ bytesDone, bytesTotal }) =>
      looking.show(Math.floor(bytesDone / 2 ** 20), Math.ceil(bytesTotal / 2 ** 20)),
    signal,
  ).finally(() => looking.stop())
  const plan = planImport(survey, { imageSize, labels, name, encoding })
  const { layout } = plan
  note(`${plan.name}: ${layout.title}, ${layout.counts.train} training and ${layout.counts.test} test images`)
  if (plan.verification === 'differs' && !(await confirm(plan.note))) {
    throw new BasinError('cancelled', `${plan.name}: not imported`)
  }
  const bar = new Bar(process.stderr, 'images')
  const show = ({ imagesDone, imagesTotal }: ImportProgress) => bar.show(imagesDone, imagesTotal)
  const pictures = openDecoder()
  let record: StoredDataset
  try {
    const inPlace = !copy && paths.length === 1 && (await stat(paths[0])).isDirectory()
    const place: InPlace = { path: paths[0], image_size: layout.pictures ? layout.height : 64, labels }
    if (inPlace && !layout.pictures) {
      const read = await readInPlace(place, plan.name, show, signal)
      record = { ...read.record, in_place: place }
      await library.commit(record)
    } else {
      // Pictures in archives cannot be found again one by one.
      const stays = inPlace && liesOpen(survey, inputs)
      if (inPlace && !stays) note('the folder holds archives: their pictures are copied')
      const room = () => library.folder.room()
      const { decode } = pictures
      const ports = { library, decode, encode: encoder(), room, inPlace: stays ? place : undefined }
      record = await withFolderLock(library.folder.root, async () => {
        // Nobody else imports now: what no record names is of a process that was killed.
        await library.sweep()
        return runImport(inputs, survey, plan, ports, show, signal)
      })
    }
  } finally {
    bar.stop()
    pictures.close()
  }
  const { splits } = record.manifest
  const where = record.in_place
    ? `read in place from ${record.in_place.path}`
    : bytesText(storedBytes(record))
  note(
    `${plan.name}: ${splits.train} + ${splits.test} images, ${where}. ${record.verification}: ${plan.note}`,
  )
  for (const { path, reason } of record.skipped.slice(0, 10)) note(`  passed over ${path}: ${reason}`)
  if (record.num_skipped > 10) note(`  … ${record.num_skipped} files were passed over`)
}

/** Whether every picture is a file of its own. */
function liesOpen({ files }: Survey, inputs: readonly InputFile[]): boolean {
  const there = new Set(inputs.map(({ path }) => path))
  return files.every(({ path }) => !PICTURE.test(path) || there.has(path))
}

/** Moves where somebody is looking; says nothing into files. */
class Bar {
  readonly #bar: SingleBar | undefined
  #started = false

  constructor(out: NodeJS.WriteStream, unit: string) {
    if (!out.isTTY) return
    this.#bar = new SingleBar({
      format: `{bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`,
      stream: out,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    })
  }

  show(done: number, total: number): void {
    if (!this.#bar) return
    if (!this.#started) this.#bar.start(total, 0)
    this.#started = true
    this.#bar.update(done)
  }

  stop(): void {
    this.#bar?.stop()
  }
}
