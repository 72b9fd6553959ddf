/** The data sets behind the protocol: list, import, remove, look at. Knows no worker; tests drive it in Node. */

import { BasinError } from '../../base/errors'
import { type Reply, reply } from '../../base/reply'
import type { RunConfig } from '../../core/config/schema'
import { type ImportPlan, planImport } from '../../core/data/import/importPlan'
import { runImport } from '../../core/data/import/runImport'
import { type Survey, surveyInputs } from '../../core/data/import/survey'
import type { Library } from '../../core/data/library'
import type { DataPorts } from '../../core/data/shards/readShard'
import type { ImageEncoder, InputFile, OpenedDecoder } from '../../core/ports'
import type {
  AugmentedRow,
  DataApi,
  DatasetList,
  ImportPreview,
  ImportSettings,
  ImportStatus,
  PreviewPage,
  PreviewRequest,
} from '../dataProtocol'
import { listDatasets } from './datasetList'
import { Gallery } from './gallery'
import { ImportMeter } from './importMeter'

export interface DataSurroundings {
  library: Library
  /** Opened for each import. */
  openDecoder(): OpenedDecoder
  /** For sets that are stored as JPEGs. */
  encode?: ImageEncoder
  room(): Promise<number | undefined>
  /** Runs one import at a time over all tabs. */
  exclusively<T>(onWait: () => void, signal: AbortSignal, body: () => Promise<T>): Promise<T>
  /** Runs `body` unless an import is under way in some tab. */
  whenFree(body: () => Promise<unknown>): Promise<void>
  /** Ports that find imported and bundled sets. */
  ports(datasetsUrl: string): DataPorts
}

interface Picked {
  inputs: InputFile[]
  survey: Survey
}

export class DataLab implements Omit<DataApi, 'examine'> {
  #ports: DataPorts | undefined
  #picked: Picked | undefined
  #work: AbortController | undefined
  #gallery: Gallery | undefined

  constructor(private readonly world: DataSurroundings) {}

  init(datasetsUrl: string): Promise<Reply> {
    return reply(async () => {
      this.#ports = this.world.ports(datasetsUrl)
      this.#gallery = new Gallery(this.#ports)
      return undefined
    })
  }

  list(): Promise<Reply<DatasetList>> {
    return reply(() => {
      if (!this.#ports) throw new BasinError('internal', 'list: only after init')
      return listDatasets(this.world.library, this.#ports)
    })
  }

  examine(
    inputs: InputFile[],
    settings: ImportSettings,
    onStatus: (status: ImportStatus) => void,
  ): Promise<Reply<ImportPreview>> {
    return this.#working(async (signal) => {
      this.#picked = undefined
      const meter = new ImportMeter('checking', onStatus)
      const survey = await surveyInputs(inputs, (progress) => meter.tell(progress), signal)
      this.#picked = { inputs, survey }
      return this.#consider(settings)
    })
  }

  reconsider(settings: ImportSettings): Promise<Reply<ImportPreview>> {
    return reply(() => this.#consider(settings))
  }

  importPicked(settings: ImportSettings, onStatus: (status: ImportStatus) => void): Promise<Reply<string>> {
    return this.#working(async (signal) => {
      const { inputs, survey } = this.#standing()
      const plan = this.#plan(settings)
      const { library, openDecoder, encode, room } = this.world
      const waiting = () => new ImportMeter('waiting', onStatus).tell({ bytesDone: 0, bytesTotal: 1 })
      const record = await this.world.exclusively(waiting, signal, async () => {
        // Nobody else imports now: what no record names is of a tab that was killed.
        await library.sweep()
        const meter = new ImportMeter('importing', onStatus)
        const pictures = openDecoder()
        return runImport(
          inputs,
          survey,
          plan,
          { library, decode: pictures.decode, encode, room },
          (progress) => meter.tell(progress),
          signal,
        ).finally(() => pictures.close())
      })
      this.#picked = undefined
      this.#gallery?.forget()
      return record.manifest.name
    })
  }

  cancel(): Promise<Reply<boolean>> {
    return reply(async () => {
      this.#work?.abort()
      return this.#picked !== undefined
    })
  }

  remove(name: string): Promise<Reply> {
    return reply(async () => {
      const { library, whenFree } = this.world
      await library.remove(name)
      this.#gallery?.forget()
      // What a damaged set left. Failing at it undoes no deletion.
      await whenFree(() => library.sweep()).catch(() => {})
      return undefined
    })
  }

  preview(request: PreviewRequest): Promise<Reply<PreviewPage>> {
    return reply(() => this.#looking().page(request))
  }

  augmented(place: number, config: RunConfig): Promise<Reply<AugmentedRow[]>> {
    return reply(() => this.#looking().augmented(place, config))
  }

  async #consider(settings: ImportSettings): Promise<ImportPreview> {
    const { survey } = this.#standing()
    const { layout, name, bytes, encoding, verification, note } = this.#plan(settings)
    return {
      name,
      title: layout.title,
      numTrain: layout.counts.train,
      numTest: layout.counts.test,
      numClasses: layout.classNames.length,
      bytes,
      encoding,
      pictures: layout.pictures,
      height: layout.height,
      width: layout.width,
      verification,
      note,
      numSkipped: survey.skipped.length + layout.passedOver.length,
      replaces: (await this.world.library.get(name).catch(() => undefined)) !== undefined,
      settings,
    }
  }

  #plan({ name, ...settings }: ImportSettings): ImportPlan {
    return planImport(this.#standing().survey, { ...settings, name: name === '' ? undefined : name })
  }

  #standing(): Picked {
    if (!this.#picked) throw new BasinError('internal', 'import: only what was examined')
    return this.#picked
  }

  #looking(): Gallery {
    if (!this.#gallery) throw new BasinError('internal', 'preview: only after init')
    return this.#gallery
  }

  /** One examination or import at a time; a new one ends the one before. */
  #working<T>(body: (signal: AbortSignal) => Promise<T>): Promise<Reply<T>> {
    this.#work?.abort()
    const work = new AbortController()
    this.#work = work
    return reply(async () => {
      try {
        return await body(work.signal)
      } catch (error) {
        if (work.signal.aborted) throw new BasinError('cancelled', 'import: cancelled')
        throw error
      }
    })
  }
}
