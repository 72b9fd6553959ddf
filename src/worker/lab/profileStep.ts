/** The next step of a session that stands still, with every kernel timed. */
import { BasinError } from '../../base/errors'
import type { Session } from '../../core/session/session'
import { measureMatmulPeak } from '../../engine/profile/matmulPeak'
import { profileWork, webGpuBackend } from '../../engine/profile/profile'
import type { ProfileResult } from '../protocol'

/** Measured once for a device; it does not change. */
let peakGflops: Promise<number> | undefined

/**
 * Makes one step of every run, or two where none was made so far: the first compiles and is not what steps cost.
 * @returns the profile, and whether only the final evaluation is left
 * @throws BasinError `unsupported` without WebGPU, or when no step is left
 */
export async function profileNextStep(
  session: Session,
): Promise<{ result: ProfileResult; atTheEnd: boolean }> {
  const backend = webGpuBackend()
  if (session.step === 0 && session.totalSteps > 1) await session.stepOnce()
  if (session.step >= session.totalSteps) {
    throw new BasinError(
      'unsupported',
      'profile: needs a step that is still to be made, got none',
      'Train again.',
    )
  }
  let atTheEnd = false
  const step = await profileWork(async () => {
    atTheEnd = await session.stepOnce()
  })
  peakGflops ??= measureMatmulPeak(backend).then(({ gflops }) => gflops)
  return { result: { step, peakGflops: await peakGflops, number: session.step }, atTheEnd }
}
