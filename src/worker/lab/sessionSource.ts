/** What a session is built from: settings alone, kept runs that go on, or a checkpoint that is forked. */
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import type { RunDocument } from '../../core/library/document'
import { newId } from '../../core/library/newRecord'
import type { RunKey } from '../../core/runs/metrics'
import type { RunSpec } from '../../core/runs/runSpec'
import type { Session } from '../../core/session/session'
import type { RunSnapshot } from '../../core/session/sessionTypes'
import { checkFork, forkedFrom } from './fork'
import type { KeepingPlace, Release } from './keepingPlace'
import { checkpointAt, openDocument, readKept, restorePast, resumeFrom } from './keptStart'

export interface SessionSource {
  config: RunConfig
  experiment: string
  /** Where its runs begin, once the data are there. */
  resume?(datasetOf: (spec: RunSpec) => Dataset): Record<RunKey, RunSnapshot>
  /** What they have been through. */
  restore?(session: Session): Promise<void>
  documents?: ReadonlyMap<RunKey, RunDocument>
  /** Of the claim to them. */
  release?: Release
  parent?: { id: string; step: number }
}

export const freshSource = (config: RunConfig): SessionSource => ({ config, experiment: newId() })

/** @param whole whether runs of their session that are not among them begin with them */
export async function keptSource(
  place: KeepingPlace,
  ids: readonly string[],
  release: Release,
  whole: boolean,
  note: (line: string) => void,
): Promise<SessionSource> {
  const start = await readKept(place.files, ids, note, whole)
  const { config, experiment, documents } = start
  return {
    config,
    experiment,
    documents,
    release,
    resume: (datasetOf) => resumeFrom(start, datasetOf),
    restore: (session) => restorePast(start, session),
  }
}

export async function forkSource(
  place: KeepingPlace,
  id: string,
  step: number,
  config: RunConfig,
): Promise<SessionSource> {
  const { record, checkpoint } = await checkpointAt(place.files, id, step)
  checkFork(config, record.config)
  return {
    ...freshSource(config),
    parent: { id, step },
    resume: (datasetOf) => forkedFrom(checkpoint, config, datasetOf),
  }
}

/** The experiments that runs belong to. @throws BasinError where one is not kept here */
export async function experimentsOf(place: KeepingPlace, ids: readonly string[]): Promise<string[]> {
  const experiments = new Set<string>()
  for (const id of ids) {
    const { record } = await openDocument(place.files, id)
    experiments.add(record.experiment)
  }
  return [...experiments]
}

/** All of them or none. */
export async function claimAll(
  place: KeepingPlace,
  experiments: readonly string[],
  patience?: AbortSignal,
): Promise<Release | undefined> {
  const held: Release[] = []
  const release = () => {
    for (const one of held) one()
  }
  for (const experiment of experiments) {
    const one = await place.claim(experiment, patience)
    if (!one) {
      release()
      return undefined
    }
    held.push(one)
  }
  return release
}
