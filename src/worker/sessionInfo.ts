/** What the page is told of a session when it stands. */
import type { Session } from '../core/training/session'
import type { SessionInfo } from './protocol'

export function sessionInfo(session: Session): SessionInfo {
  const { config, dataset, network, runs, stepsPerEpoch, totalSteps } = session
  return {
    config,
    runs: runs.map(({ id, rho }) => ({ id, rho, numParams: network.params.size })),
    stepsPerEpoch,
    totalSteps,
    numTrain: dataset.train.count,
    numTest: dataset.test.count,
    numClasses: dataset.classNames.length,
    classNames: [...dataset.classNames],
    numWrongLabels: dataset.train.wrong.reduce((sum, wrong) => sum + wrong, 0),
  }
}
