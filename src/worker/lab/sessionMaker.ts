/** From what a session is built from to the session: its data, its networks, what its runs have been through. */
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import type { Dataset } from '../../core/data/dataset'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import { loadDatasets } from '../../core/session/datasets'
import type { Session } from '../../core/session/session'
import type { SessionOptions } from '../../core/session/sessionTypes'
import type { DecodedWeights } from '../../core/weights/weights'
import type { DatasetList } from '../dataProtocol'
import type { DeviceInfo, LoadProgress } from '../protocol'
import { buildSession } from './buildSession'
import type { CommandQueue } from './commandQueue'
import type { EventPacer } from './eventPacer'
import type { FoundMeasures } from './foundMeasures'
import type { Keeper } from './keeper'
import { announce, handOver, sessionEvents } from './sessionReport'
import type { SessionSource } from './sessionSource'
import type { Surroundings } from './surroundings'

export type DatasetOf = (spec: RunSpec) => Dataset

interface Parts {
  world: Surroundings
  queue: CommandQueue
  out: EventPacer
  found: FoundMeasures
  /** The session that stands in the lab. */
  current(): Session | undefined
  /** Of its runs. */
  keeper(): Keeper | undefined
}

export class SessionMaker {
  /** What a fine-tuned run starts from. */
  pretrained: DecodedWeights | undefined
  #datasetsUrl = ''
  #device: DeviceInfo | undefined

  constructor(private readonly parts: Parts) {}

  /** Where data come from and sessions are built. */
  settle(device: DeviceInfo, datasetsUrl: string): void {
    this.#device = device
    this.#datasetsUrl = datasetsUrl
  }

  /** Which data sets are here. */
  datasets(): Promise<DatasetList> {
    return this.parts.world.listDatasets(this.#datasetsUrl)
  }

  data(config: RunConfig, signal: AbortSignal): Promise<DatasetOf> {
    const { world, out } = this.parts
    const onProgress = (progress: LoadProgress) => {
      if (!signal.aborted) out.send({ type: 'loading', progress })
    }
    return loadDatasets(runSpecs(config), (own) =>
      world.loadDataset(own, this.#datasetsUrl, onProgress, signal),
    )
  }

  build(config: RunConfig, dataset: DatasetOf, resume?: SessionOptions['resume']): Session {
    const { out, current, keeper, world } = this.parts
    const isCurrent = () => (current() === session ? session : undefined)
    const events = sessionEvents(out, this.#device!, isCurrent, keeper)
    const session: Session = buildSession({
      config,
      dataset,
      resume,
      device: this.#device!,
      pretrained: this.pretrained,
      events,
      openPool: world.openPool,
    })
    return session
  }

  /**
   * @param stand is given it as soon as it is there, before it is told of
   * @throws BasinError where data, room or weights are missing, or `signal` aborts
   */
  async make(
    { config, ...source }: SessionSource,
    signal: AbortSignal,
    stand: (session: Session) => void,
  ): Promise<Session> {
    const { queue, out, found } = this.parts
    const dataset = await queue.unlessLost(this.data(config, signal))
    const given = () => {
      if (signal.aborted) throw new BasinError('cancelled', 'loading: given up')
    }
    given()
    const label = `building ${config.model_name}`
    out.send({ type: 'loading', progress: { phase: 'network', label, bytesDone: 1, bytesTotal: 1 } })
    const session = this.build(config, dataset, source.resume?.(dataset))
    stand(session)
    await source.restore?.(session)
    given()
    announce(session, out)
    if (source.documents) await found.restore(source.documents)
    given()
    const resumed = session.runs.filter(({ step }) => step > 0).map(({ key }) => key)
    await queue.unlessLost(handOver(session, resumed, out))
    return session
  }
}
