/** Everything that a run's folder may hold. */
const KNOWN = [
  /^run\.json$/,
  /^config\.json$/,
  /^metrics\.csv$/,
  /^events\.out\.tfevents\.[\w.-]+$/,
  /^checkpoints\/(additional_ckpt_\d+\/)?checkpoint_\d+(_step_\d+)?(\.safetensors)?$/,
  /^checkpoints\/trajectory\/step_\d+\.safetensors$/,
  /^measures\/[\w.-]+\.npz$/,
  /^points\/[0-9a-f]{32}\.bin$/,
]

/** @param name below the run's folder */
export const isRunFile = (name: string): boolean => KNOWN.some((pattern) => pattern.test(name))
