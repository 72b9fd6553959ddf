/**
 * Vectors [P] that an optimizer or a method keeps from one step to the next. Declaring one is all: states, snapshots,
 * checkpoints, Flax files and the memory plan go by the list.
 */
export interface Slot {
  /** Its key in a state; two that keep the same thing share it. */
  name: string
  /** Every value of it before the first step. */
  initial: number
  /** What its tensors' names begin with in a weight file: `optimizer/momentum/`. */
  file: string
  /** Its leaf beside every parameter of a Flax checkpoint; absent where the reference has no such vector. */
  flax?: string
}

/** One vector a slot, by its name. */
export type Slots<T> = Record<string, T>

/** A vector for every slot, as `make` makes it from the slot. */
export const eachSlot = <T>(slots: readonly Slot[], make: (slot: Slot) => T): Slots<T> =>
  Object.fromEntries(slots.map((slot) => [slot.name, make(slot)]))
