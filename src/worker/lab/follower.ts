/** Looks on while another tab trains: what is written there is told here, until the other tab is gone. */
import { RunDocument } from '../../core/library/document'
import type { RunFiles } from '../../core/ports'
import type { RunKey } from '../../core/runs/metrics'
import type { EventPacer } from './eventPacer'
import type { KeepingPlace, Release } from './keepingPlace'
import { keptInfo, type ToldOf, tellCurves } from './keptReport'

/** The other tab writes its curves every other second. */
const LOOK_MS = 1500

export interface FollowerOptions {
  place: KeepingPlace
  experiment: string
  ids: readonly string[]
  out: EventPacer
  /** The other tab is gone, and the runs are ours. */
  onFree(release: Release): void
}

export class Follower {
  readonly #abort = new AbortController()
  #told = new Map<string, ToldOf>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: FollowerOptions) {}

  async begin(): Promise<void> {
    const { place, ids, out, experiment, onFree } = this.options
    const documents = await documentsOf(place.files, ids)
    const records = [...documents].map(([key, { record }]) => [key, record] as const)
    out.send({ type: 'session', info: keptInfo(new Map(records)) })
    await this.#look()
    place
      .claim(experiment, this.#abort.signal)
      .then((release) => {
        if (!release) return
        if (this.#abort.signal.aborted) return release()
        this.stop()
        onFree(release)
      })
      .catch(() => {})
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  async #look(): Promise<void> {
    const { place, ids, out } = this.options
    try {
      for (const [key, document] of await documentsOf(place.files, ids)) {
        const told = await tellCurves(key, document, out, undefined, this.#told.get(key))
        if (!this.#abort.signal.aborted) this.#told.set(key, told)
      }
    } catch {
      // Half a second later it may be readable again.
    }
    if (!this.#abort.signal.aborted) this.#timer = setTimeout(() => void this.#look(), LOOK_MS)
  }
}

/** By key; a run that is not there any more is left out. */
async function documentsOf(files: RunFiles, ids: readonly string[]): Promise<Map<RunKey, RunDocument>> {
  const documents = new Map<RunKey, RunDocument>()
  for (const id of ids) {
    const document = await RunDocument.open(files, `${id}/`)
    if (document) documents.set(document.record.key, document)
  }
  return documents
}
