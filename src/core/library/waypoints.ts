/**
 * The way of a kept run: thin files of weights and statistics, which are weight files like any other, beside its
 * checkpoints, and let go with them. Checkpoints are points of it too.
 */
import type { RunConfig } from '../config/schema'
import type { FreshStart } from '../models/init'
import type { Network } from '../models/network'
import type { RunFiles } from '../ports'
import type { Waypoint } from '../session/sessionTypes'
import { trainedWeights } from '../weights/pretrained'
import type { PartLayout } from '../weights/weightParts'
import { decodeWeights, encodeWeights } from '../weights/weights'
import { keptCheckpoints } from './checkpoints'
import { FILES } from './record'

const FOLDER = `${FILES.checkpoints}trajectory/`
const NAME = /^checkpoints\/trajectory\/step_(\d{1,15})\.safetensors$/

/** @param name below the run's folder */
export const isWaypointFile = (name: string): boolean => NAME.test(name)

export interface WaypointContents {
  network: PartLayout & { name: string }
  config: RunConfig
  device: string
  waypoint: Waypoint
}

/** @param run its folder, with a slash at its end or empty */
export async function saveWaypoint(files: RunFiles, run: string, contents: WaypointContents): Promise<void> {
  const { network, config, device, waypoint } = contents
  const bytes = encodeWeights({ network, config, ...waypoint, metrics: {}, extra: { device } }, 'safetensors')
  await files.put(`${run}${FOLDER}step_${waypoint.step}.safetensors`, bytes)
}

/** Of a folder, or of what was unpacked of a run's file. */
type ReadFiles = Pick<RunFiles, 'keys' | 'get' | 'where'>

export interface KeptWay {
  /** Ascending. */
  steps: number[]
  /** @throws BasinError where the file is damaged, gone or of another network */
  at(step: number): Promise<FreshStart>
}

/** A run's files as they were unpacked. @param where they come from, for messages */
export const unpackedFiles = (contents: ReadonlyMap<string, Uint8Array>, where: string): ReadFiles => ({
  keys: async (prefix) => [...contents.keys()].filter((key) => key.startsWith(prefix)),
  get: async (key) => contents.get(key),
  where: (key) => `${where}: ${key}`,
})

/** What is kept of a run's way, checkpoints among it. */
export async function keptWay(
  files: ReadFiles,
  run: string,
  { network, stepsPerEpoch }: { network: Network; stepsPerEpoch: number },
): Promise<KeptWay> {
  const keys = new Map<number, string>()
  for (const { step, key } of await keptCheckpoints(files, run, stepsPerEpoch)) keys.set(step, key)
  for (const key of await files.keys(run + FOLDER)) {
    const [, step] = NAME.exec(key.slice(run.length)) ?? []
    if (step !== undefined) keys.set(Number(step), key)
  }
  return {
    steps: [...keys.keys()].sort((a, b) => a - b),
    async at(step) {
      const key = keys.get(step) ?? ''
      return trainedWeights(
        decodeWeights((await files.get(key)) ?? new Uint8Array(), files.where(key)),
        network,
      )
    },
  }
}
