/** What of a run goes into its folder when it stands still. */
import type { CheckpointContents } from '../../core/library/checkpoints'
import type { RunRecord, RunState } from '../../core/library/record'
import type { SessionRun } from '../../core/session/sessionRun'
import type { RunSnapshot } from '../../core/session/sessionTypes'

/** @param device in words */
export function contentsOf(run: SessionRun, snapshot: RunSnapshot, device: string): CheckpointContents {
  const { network, config, lane, finalAt } = run
  return {
    network,
    config,
    snapshot,
    device,
    finished: finalAt !== undefined,
    stepsPerEpoch: lane.stepsPerEpoch,
  }
}

/**
 * @param state of a run that is neither at its end nor beyond all numbers
 * @param problem why it diverged
 */
export function standingOf(
  { live, finalAt, divergedAt }: SessionRun,
  state: RunState,
  device: string,
  problem: string | undefined,
): Partial<RunRecord> {
  if (!live) return { device, state: 'diverged', divergedAt, ...(problem && { problem }) }
  return { device, state: finalAt === undefined ? state : 'finished' }
}
