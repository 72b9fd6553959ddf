/** Imports paths from the command line, with a line of progress. */
import { stat } from 'node:fs/promises'
import { SingleBar } from 'cli-progress'
import { planImport } from '../core/data/import/plan'
import { type ImportProgress, runImport } from '../core/data/import/runImport'
import { surveyInputs } from '../core/data/import/survey'
import { type StoredDataset, storedBytes } from '../core/data/library'
import { BasinError } from '../core/errors'
import { withFolderLock } from '../platform/node/folderLock'
import { inputFiles } from '../platform/node/inputFiles'
import { decoder, type InPlace, NodeLibrary, readInPlace } from './datasets'

export interface ImportSettings {
  name: string | undefined
  imageSize: number | undefined
  labels: 'fine' | 'coarse'
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
  const { name, imageSize, labels, copy, confirm, note } = settings
  const library = new NodeLibrary()
  const inputs = await inputFiles(paths)
  const survey = await surveyInputs(inputs, () => {}, signal)
  const plan = planImport(survey, { imageSize, labels, name })
  const { layout } = plan
  note(`${plan.name}: ${layout.title}, ${layout.counts.train} training and ${layout.counts.test} test images`)
  if (plan.verification === 'differs' && !(await confirm(plan.note))) {
    throw new BasinError('cancelled', `${plan.name}: not imported`)
  }
  const bar = new Bar(process.stderr)
  let record: StoredDataset
  try {
    if (!copy && paths.length === 1 && (await stat(paths[0])).isDirectory()) {
      const place: InPlace = { path: paths[0], image_size: layout.pictures ? layout.height : 64, labels }
      const read = await readInPlace(place, plan.name, (progress) => bar.show(progress), signal)
      record = { ...read.record, in_place: place }
      await library.commit(record)
    } else {
      const ports = { library, decode: decoder(), room: () => library.folder.room() }
      record = await withFolderLock(library.folder.root, async () => {
        // Nobody else imports now: what no record names is of a process that was killed.
        await library.sweep()
        return runImport(inputs, survey, plan, ports, (progress) => bar.show(progress), signal)
      })
    }
  } finally {
    bar.stop()
  }
  const { splits } = record.manifest
  const where = record.in_place
    ? `read in place from ${record.in_place.path}`
    : `${(storedBytes(record) / 1e6).toFixed(1)} MB`
  note(
    `${plan.name}: ${splits.train} + ${splits.test} images, ${where}. ${record.verification}: ${plan.note}`,
  )
  for (const { path, reason } of record.skipped.slice(0, 10)) note(`  passed over ${path}: ${reason}`)
  if (record.num_skipped > 10) note(`  … ${record.num_skipped} files were passed over`)
}

/** Moves where somebody is looking; says nothing into files. */
class Bar {
  readonly #bar: SingleBar | undefined
  #started = false

  constructor(out: NodeJS.WriteStream) {
    if (!out.isTTY) return
    this.#bar = new SingleBar({
      format: '{bar} {percentage}% | {value}/{total} images | {eta_formatted} left',
      stream: out,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    })
  }

  show({ imagesDone, imagesTotal }: ImportProgress): void {
    if (!this.#bar) return
    if (!this.#started) this.#bar.start(imagesTotal, 0)
    this.#started = true
    this.#bar.update(imagesDone)
  }

  stop(): void {
    this.#bar?.stop()
  }
}
