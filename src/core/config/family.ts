/**
 * The family on one task: SAM's relatives, their controls and SGD on the first visit's data, each at the radius that
 * did best on seed 0's validation images (docs/methods.md has the grid).
 */
import type { RunEntry } from './runList'
import type { RunConfig } from './schema'

export interface FamilyMember extends Required<RunEntry> {
  /** What the radius was chosen from; empty where there is none. */
  radii: readonly number[]
}

const member = (
  label: string,
  sam_rho: number,
  radii: readonly number[],
  changes: Partial<RunConfig> = {},
): FamilyMember => ({ label, changes: { ...changes, sam_rho }, radii })

/** @param num_epochs of all but one: SGD for as many gradients as SAM, its schedule stretched over twice the epochs */
export const familyOf = ({ num_epochs }: Pick<RunConfig, 'num_epochs'>): readonly FamilyMember[] => [
  member('SGD', 0, []),
  member('SGD, equal cost', 0, [], { num_epochs: 2 * num_epochs }),
  member('Random', 20, [1, 5, 10, 20, 40], { sam_variant: 'random' }),
  member('SAM', 0.2, [0.1, 0.2, 0.4]),
  member('ASAM', 2, [0.5, 1, 2, 4, 8], { sam_variant: 'asam' }),
  member('GSAM', 0.2, [0.1, 0.2, 0.4], { sam_variant: 'gsam' }),
  member('F-SAM', 0.4, [0.1, 0.2, 0.4, 0.8], { sam_variant: 'friendly' }),
  member('LookSAM', 0.025, [0.0125, 0.025, 0.05, 0.1, 0.2, 0.4], { sam_variant: 'look' }),
  member('Late SAM', 0.4, [0.1, 0.2, 0.4, 0.8], { sam_from: 0.5 }),
]
