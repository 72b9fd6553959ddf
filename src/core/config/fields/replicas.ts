/** How a batch is cut, and what a run may take. */

import { fieldsOf } from '../../fieldMeta'
import { onOff, whole, wholeOrNone } from '../../settingTypes'

const field = fieldsOf('replicas')

export const replicasFields = {
  num_replicas: field(whole(1, 4096, 1), {
    label: 'Replicas',
    ours: true,
    step: 1,
    help: 'Cuts every batch into this many parts, as the reference’s devices do: each has its own batch-norm statistics and looks uphill on its own m = batch size / replicas images (the paper’s m-sharpness; a smaller m often generalises better). Gradients are averaged. The parts run one after the other, so activations take the memory of one part: how a large batch fits a small GPU. EfficientNet’s batch norm looks at all parts at once and saves nothing.',
  }),
  sync_perturbations: field(onOff(false), {
    label: 'Share the perturbation',
    help: 'All replicas use one ε̂, from their averaged gradient: m is the whole batch again.',
  }),
  inner_group_size: field(wholeOrNone(2, 4096, null), {
    label: 'Replicas per perturbation',
    step: 1,
    help: 'With a shared perturbation: groups of this many neighbouring replicas share one, instead of all. Empty: all.',
  }),
  memory_budget_mib: field(wholeOrNone(1, 1e9, null), {
    label: 'Memory for a run (MiB)',
    ours: true,
    step: 256,
    harmless: true,
    help: 'A run that needs more on the device than this is refused before it starts. Empty: what the device is known or assumed to have; browsers do not tell how much memory a graphics card has.',
  }),
} as const
