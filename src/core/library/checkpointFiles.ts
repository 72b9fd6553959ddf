/**
 * The names in a run's `checkpoints` folder: `checkpoint_<epoch>.safetensors` after an epoch (counted from 0),
 * `checkpoint_<epoch>_step_<step>.safetensors` within one, `checkpoint_<epoch>` as the reference writes it.
 */
/** Checkpoints that are kept; one that lies there in both formats is one. */
const KEEP = 2
const ADDITIONAL = /^additional_ckpt_(\d+)\/checkpoint_\1\.safetensors$/
const NAME = /^checkpoint_(\d+)(?:(?:_step_(\d+))?\.safetensors)?$/

/** The epoch that `step` ends; undefined within one. */
export function epochEndedAt(step: number, stepsPerEpoch: number): number | undefined {
  return step > 0 && step % stepsPerEpoch === 0 ? step / stepsPerEpoch - 1 : undefined
}

/** The name of the checkpoint of `step`, in the run's own folder. */
export function checkpointName(step: number, stepsPerEpoch: number): string {
  const epoch = epochEndedAt(step, stepsPerEpoch)
  if (epoch !== undefined) return `checkpoint_${epoch}.safetensors`
  return `checkpoint_${Math.floor(step / stepsPerEpoch)}_step_${step}.safetensors`
}

/**
 * The step of a checkpoint of ours, the extra ones too.
 * @param name below the `checkpoints` folder
 */
export function stepOfCheckpoint(name: string, stepsPerEpoch: number): number | undefined {
  const extra = ADDITIONAL.exec(name)
  if (extra) return Number(extra[1]) * stepsPerEpoch
  const match = NAME.exec(name)
  if (!match || !name.endsWith('.safetensors')) return undefined
  return match[2] === undefined ? (Number(match[1]) + 1) * stepsPerEpoch : Number(match[2])
}

/** Names in the order they were written: by epoch, within it by step, the epoch's end last, there our own file last. */
export function inOrder(names: readonly string[]): string[] {
  return names
    .filter((name) => NAME.test(name))
    .sort((a, b) => {
      const [epochA, stepA] = placeOf(a)
      const [epochB, stepB] = placeOf(b)
      return epochA - epochB || (stepA === stepB ? a.length - b.length : stepA - stepB)
    })
}

/** Epoch and step; an epoch's end comes after every step within it. */
function placeOf(name: string): [number, number] {
  const [, epoch, step] = NAME.exec(name)!
  return [Number(epoch), step === undefined ? Number.MAX_SAFE_INTEGER : Number(step)]
}

/** Those that are let go: all but the newest. */
export function outdated(names: readonly string[]): string[] {
  const known = inOrder(names)
  const kept = [...new Set(known.map((name) => placeOf(name).join()))].slice(-KEEP)
  return known.filter((name) => !kept.includes(placeOf(name).join()))
}
