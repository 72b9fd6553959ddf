/** What a Lab needs of the world. */
import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import type { OpenPool } from '../../core/data/batches/batchFeed'
import type { Dataset } from '../../core/data/dataset'
import type { DatasetList } from '../dataProtocol'
import type { DeviceInfo, InitOptions, LoadProgress } from '../protocol'
import type { KeepingPlace } from './keepingPlace'

export interface Surroundings {
  initBackend(options: Pick<InitOptions, 'prefer' | 'tune' | 'f16'>): Promise<DeviceInfo>
  onDeviceLost(callback: (error: BasinError) => void): void
  /** @throws BasinError naming what is missing, damaged or has no room */
  loadDataset(
    config: RunConfig,
    datasetsUrl: string,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<Dataset>
  /** @throws BasinError where it cannot be read what is here */
  listDatasets(datasetsUrl: string): Promise<DatasetList>
  /** Threads that prepare batches ahead of the training loop. */
  openPool?: OpenPool
  /** Where runs are kept; absent: they live as long as their session. */
  keeping?: KeepingPlace
  /** One sentence when what is loaded will not be kept beyond this tab. */
  storageNote?(): string | undefined
}
