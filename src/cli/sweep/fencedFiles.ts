/**
 * The folder of a run that several workers may be given one after the other. Whoever takes it says so in it, and nobody
 * else writes from then on: a worker that was thought dead, and goes on, cannot harm what its successor does.
 */
import { BasinError } from '../../base/errors'
import { FILES } from '../../core/library/record'
import { FolderDataStore } from '../../platform/node/folderDataStore'

const OWNER = 'sweep.owner'

export class FencedFiles extends FolderDataStore {
  readonly #claim: string
  /** Told when a record has been written, and with it a checkpoint perhaps. */
  onRecord: (() => void) | undefined

  /** @param claim unlike any other */
  constructor(root: string, claim: string) {
    super(root)
    this.#claim = claim
  }

  /** From now on the folder is this worker's. */
  async take(): Promise<void> {
    await super.put(OWNER, new TextEncoder().encode(this.#claim))
  }

  /** Leaves the folder as a run's folder is. */
  async leave(): Promise<void> {
    if (await this.#isMine()) await super.remove([OWNER])
  }

  override async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#check()
    await super.put(key, bytes)
    if (key === FILES.record) this.onRecord?.()
  }

  override async append(key: string, bytes: Uint8Array): Promise<void> {
    await this.#check()
    await super.append(key, bytes)
  }

  override async remove(keys: readonly string[]): Promise<void> {
    await this.#check()
    await super.remove(keys)
  }

  async #isMine(): Promise<boolean> {
    return new TextDecoder().decode(await this.get(OWNER)) === this.#claim
  }

  /** @throws BasinError `cancelled` */
  async #check(): Promise<void> {
    if (await this.#isMine()) return
    throw new BasinError('cancelled', `${this.root}: another worker has taken this run over`)
  }
}
