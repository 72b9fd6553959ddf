/** Do a file's tensors fit a network? All of them, exactly, or nothing is taken and every misfit is named. */
import { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { NamedTensor, TensorData } from '../formats/tensorData'
import { eachSlot } from '../optim/slots'
import type { StateArrays } from '../step/snapshot'
import { slotsOf } from '../step/state'
import { hyperOf } from '../step/step'
import { emptyVectors, type PartEntry, type PartLayout, parts, type WeightVectors } from './weightParts'
import type { DecodedWeights } from './weights'

/** How many names of each kind a message shows. */
const SHOWN = 3

/**
 * @param decoded what `decodeWeights` gave
 * @returns vectors in the network's layout; optimizer and average only where the file has them
 * @throws BasinError `tensor-mismatch` naming missing, extra, mis-shaped and not finite tensors
 */
export function fitWeights(
  decoded: Pick<DecodedWeights, 'filename' | 'tensors'>,
  network: PartLayout & { name: string },
): WeightVectors {
  const { tensors, filename } = decoded
  const vectors = emptyVectors(network, tensors)
  const missing: string[] = []
  const misshaped: string[] = []
  const notFinite: string[] = []
  const known = new Set<string>()
  for (const { entries, prefix, values } of parts(network, vectors)) {
    for (const entry of entries) {
      const name = prefix + entry.name
      const tensor = tensors.get(name)
      known.add(name)
      const data = tensor && valuesFor(entry, tensor)
      if (!tensor) missing.push(name)
      else if (typeof data === 'string') misshaped.push(`${name} ${data}`)
      // A vector larger than all of the file was not made; some of its tensors are missing or mis-shaped.
      else if (values.length > 0) {
        values.set(data as Float32Array, entry.offset)
        // After rounding: a double may be too large for a float.
        const taken = values.subarray(entry.offset, entry.offset + entry.size)
        if (!taken.every(Number.isFinite)) notFinite.push(name)
      }
    }
  }
  const extra = [...tensors.keys()].filter((name) => !known.has(name))
  const complaints = [
    listed('missing', missing),
    listed('not of this network', extra),
    listed('mis-shaped', misshaped),
    listed('with NaN or infinity', notFinite),
  ].filter(Boolean)
  if (complaints.length > 0) {
    throw new BasinError(
      'tensor-mismatch',
      `${filename}: does not fit ${network.name}: ${complaints.join('; ')}`,
      'Choose the network and the layer sizes that the file was trained with.',
    )
  }
  return vectors
}

/**
 * Fitted vectors as the state of a run with these settings: what its optimizer and its method keep and the file lacks
 * begins as in a new run.
 */
export function stateFrom(
  { theta, batchStats, slots, ema, replicaStats }: WeightVectors,
  config: RunConfig,
): Omit<StateArrays, 'step'> {
  return {
    theta,
    batchStats,
    slots: eachSlot(
      slotsOf(hyperOf(config)),
      ({ name, initial }) => slots?.[name] ?? new Float32Array(theta.length).fill(initial),
    ),
    ...(config.ema_decay > 0 && { ema: ema ?? { theta, batchStats } }),
    ...(replicaStats && { replicaStats }),
  }
}

/** The values, asked for once: a Flax file's tensors are read from it at every asking. Else what does not fit. */
function valuesFor(entry: PartEntry, tensor: NamedTensor): TensorData | string {
  const { shape, dtype } = tensor
  if (shape.length !== entry.shape.length || shape.some((extent, i) => extent !== entry.shape[i])) {
    return `(expected [${entry.shape}], got [${shape}])`
  }
  const { data } = tensor
  const floats = data instanceof Float32Array || data instanceof Float64Array
  return floats ? data : `(expected floating-point values, got ${dtype})`
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : ''
  return `${names.length} ${what}: ${names.slice(0, SHOWN).join(', ')}${more}`
}
