/** The weights that fine-tuning starts from, as settings name them. */
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../../core/config/schema'
import type { DecodedWeights } from '../../core/weights/weights'
import { fromUser } from '../terminal/paths'
import { readWeights } from './weightSource'

/** @throws BasinError `config` when no path is given */
export async function pretrainedOf(config: RunConfig): Promise<DecodedWeights | undefined> {
  if (!config.from_pretrained_checkpoint) return undefined
  const path = config.efficientnet_checkpoint_path || config.pretrained_path
  if (path) return readWeights(fromUser(path))
  throw new BasinError(
    'config',
    'from_pretrained_checkpoint: needs weights to start from, got no path',
    'Give efficientnet_checkpoint_path or pretrained_path: a folder of checkpoints, a .tar.gz or a weight file.',
  )
}
