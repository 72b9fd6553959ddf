/** Where the command line reads and writes. */

import { fieldsOf } from '../../fieldMeta'
import { onOff, text, whole, wholes } from '../../settingTypes'

const field = fieldsOf('files', { cliOnly: true })

export const filesFields = {
  efficientnet_checkpoint_path: field(text(''), {
    label: 'Pretrained EfficientNet',
    help: 'What fine-tuning starts from: a folder with checkpoint_<n>, a .tar.gz of one, or a weight file.',
  }),
  pretrained_path: field(text(''), {
    label: 'Pretrained weights',
    ours: true,
    help: 'The same for any network, from a run’s folder or an export.',
  }),
  output_dir: field(text(''), {
    label: 'Output folder',
    harmless: true,
    help: 'Where the run folder lr_…/wd_…/rho_…/seed_… is made. Without it: in the folder you stand in.',
  }),
  save_progress_seconds: field(whole(0, 1e9, 3600), {
    label: 'Seconds between checkpoints',
    harmless: true,
    help: 'Minimum age of the last checkpoint before another is written; the end always writes one.',
  }),
  save_flax_checkpoints: field(onOff(false), {
    label: 'Flax checkpoints',
    ours: true,
    harmless: true,
    help: 'Also write every checkpoint at an epoch’s end as the reference’s Flax file, checkpoint_<epoch>.',
  }),
  additional_checkpoints_at_epochs: field(wholes(0, []), {
    label: 'Additional checkpoints',
    harmless: true,
    help: 'Epochs at whose start an extra checkpoint is kept.',
  }),
} as const
