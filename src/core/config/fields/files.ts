/** Where the command line reads and writes. */

import { meta } from '../../fieldMeta'
import { onOff, text, whole, wholes } from '../../settingTypes'

export const filesFields = {
  efficientnet_checkpoint_path: meta(text(''), {
    label: 'Pretrained EfficientNet',
    group: 'files',
    cliOnly: true,
    help: 'What fine-tuning starts from: a folder with checkpoint_<n>, a .tar.gz of one, or a weight file.',
  }),
  pretrained_path: meta(text(''), {
    label: 'Pretrained weights',
    group: 'files',
    ours: true,
    cliOnly: true,
    help: 'The same for any network, from a run’s folder or an export.',
  }),
  output_dir: meta(text(''), {
    label: 'Output folder',
    group: 'files',
    cliOnly: true,
    harmless: true,
    help: 'Where the run folder lr_…/wd_…/rho_…/seed_… is made. Without it: in the folder you stand in.',
  }),
  save_progress_seconds: meta(whole(0, 1e9, 3600), {
    label: 'Seconds between checkpoints',
    group: 'files',
    cliOnly: true,
    harmless: true,
    help: 'Minimum age of the last checkpoint before another is written; the end always writes one.',
  }),
  save_flax_checkpoints: meta(onOff(false), {
    label: 'Flax checkpoints',
    group: 'files',
    ours: true,
    cliOnly: true,
    harmless: true,
    help: 'Also write every checkpoint at an epoch’s end as the reference’s Flax file, checkpoint_<epoch>.',
  }),
  additional_checkpoints_at_epochs: meta(wholes(0, []), {
    label: 'Additional checkpoints',
    group: 'files',
    cliOnly: true,
    harmless: true,
    help: 'Epochs at whose start an extra checkpoint is kept.',
  }),
} as const
