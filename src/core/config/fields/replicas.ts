/** How a batch is cut, and what a run may take. */

import { meta } from '../../fieldMeta'
import { z } from '../../zod'

export const replicasFields = {
  num_replicas: meta(z.number().int().min(1).max(4096).default(1), {
    label: 'Replicas',
    group: 'replicas',
    ours: true,
    step: 1,
    help: 'Cuts every batch into this many parts, as the reference’s devices do: each has its own batch-norm statistics and looks uphill on its own m = batch size / replicas images (the paper’s m-sharpness; a smaller m often generalises better). Gradients are averaged. The parts run one after the other, so activations take the memory of one part: how a large batch fits a small GPU. EfficientNet’s batch norm looks at all parts at once and saves nothing.',
  }),
  sync_perturbations: meta(z.boolean().default(false), {
    label: 'Share the perturbation',
    group: 'replicas',
    help: 'All replicas use one ε̂, from their averaged gradient: m is the whole batch again.',
  }),
  inner_group_size: meta(z.number().int().min(2).max(4096).nullable().default(null), {
    label: 'Replicas per perturbation',
    group: 'replicas',
    step: 1,
    help: 'With a shared perturbation: groups of this many neighbouring replicas share one, instead of all. Empty: all.',
  }),
  memory_budget_mib: meta(z.number().int().min(1).max(1e9).nullable().default(null), {
    label: 'Memory for a run (MiB)',
    group: 'replicas',
    ours: true,
    step: 256,
    harmless: true,
    help: 'A run that needs more on the device than this is refused before it starts. Empty: what the device is known or assumed to have; browsers do not tell how much memory a graphics card has.',
  }),
} as const
